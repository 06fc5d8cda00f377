#!/bin/bash
# attach-volume.sh VOLUME FOLDER: the data volume, attached to this VM and mounted, now and after each boot.
#
# EBS gives a volume to one VM at a time, so the database has one writer; the VM before may still be going down.
# Formats a volume only when nothing at all is found on it.
set -euo pipefail
# shellcheck source=/dev/null
. "${VM_ENV:-/etc/slack-bot-vm.env}"
volume=$1 folder=$2
device=${DISKS:-/dev/disk/by-id}/nvme-Amazon_Elastic_Block_Store_${volume/-/}
fstab=${FSTAB:-/etc/fstab}

attach() {
  local instance
  instance=$(cloud-init query v1.instance_id)
  for _ in {1..60}; do
    if aws ec2 attach-volume --region "$REGION" --volume-id "$volume" --instance-id "$instance" --device /dev/sdf; then
      return
    fi
    sleep "${PAUSE:-10}"
  done
  echo "slack-bot: $volume could not be attached in ten minutes; is another VM holding it?" >&2
  return 1
}

appear() {
  for _ in {1..60}; do
    [ ! -e "$device" ] || return 0
    sleep "${PAUSE:-1}"
  done
  echo "slack-bot: $volume is attached, but $device does not appear" >&2
  return 1
}

format() {
  local found=0
  blkid -p "$device" >&2 || found=$?
  case $found in
    0) ;;                              # there is a file system: the data
    2) mkfs.xfs -q "$device" ;;        # nothing: a new volume (xfs: the root of the file system is an empty folder)
    *) echo "slack-bot: blkid cannot tell what is on $device ($found); nothing is done to it" >&2; return 1 ;;
  esac
}

[ -e "$device" ] || attach
appear
format
mkdir -p "$folder"
# nofail: a VM without it still boots, and can be looked into. Postgres does not start: its StateDirectory requires the mount.
grep -qF " $folder " "$fstab" || echo "$device $folder xfs defaults,noatime,nofail 0 2" >>"$fstab"
systemctl daemon-reload
mountpoint -q "$folder" || mount "$folder"
xfs_growfs "$folder" >/dev/null # a volume that was made larger
