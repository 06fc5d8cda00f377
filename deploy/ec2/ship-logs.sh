#!/bin/bash
# Installs Amazon's CloudWatch agent and has it send the journal of the bot's units, the health port's metrics, and how
# full memory and disks are. Reading the journal came with its version 1.300070 (2026-06-19).
set -euo pipefail
# shellcheck source=/dev/null
. "${VM_ENV:-/etc/slack-bot-vm.env}"
here=$(dirname "$(readlink -f "$0")")
agent=${AGENT:-/opt/aws/amazon-cloudwatch-agent}
signed_by=937616F3450B7D806CBD9725D58167303B789C72 # Amazon CloudWatch Agent, as AWS documents it

reads_journals() {
  grep -q '"journald"' "$agent/doc/amazon-cloudwatch-agent-schema.json" 2>/dev/null
}

install_from_aws() ( # Amazon Linux may still carry an older one
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  cd "$folder"
  case $(uname -m) in aarch64) machine=arm64 ;; *) machine=amd64 ;; esac
  from=https://amazoncloudwatch-agent-$REGION.s3.$REGION.amazonaws.com/amazon_linux/$machine/latest
  curl -fsS --retry 3 -o agent.rpm "$from/amazon-cloudwatch-agent.rpm"
  curl -fsS --retry 3 -o agent.rpm.sig "$from/amazon-cloudwatch-agent.rpm.sig"
  curl -fsS --retry 3 -o key https://amazoncloudwatch-agent.s3.amazonaws.com/assets/amazon-cloudwatch-agent.gpg
  gpg --homedir "$folder" --quiet --import key
  verdict=$(gpg --homedir "$folder" --status-fd 1 --verify agent.rpm.sig agent.rpm 2>/dev/null)
  [[ $verdict == *"VALIDSIG $signed_by "* ]]
  dnf install -y -q ./agent.rpm
)

reads_journals || dnf install -y -q amazon-cloudwatch-agent
reads_journals || install_from_aws
usermod --append --groups systemd-journal cwagent
sed "s|@STACK@|$STACK|g" "$here/cloudwatch-agent.json" >"$agent/etc/slack-bot.json"
install -m 0644 "$here/scrape.yaml" "$agent/etc/slack-bot-scrape.yaml"
"$agent/bin/amazon-cloudwatch-agent-ctl" -a fetch-config -m ec2 -s -c "file:$agent/etc/slack-bot.json"
