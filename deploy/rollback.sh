#!/usr/bin/env bash
# Go back to the release that ran before, without a pause: the way of upgrade.sh, to /opt/slack-bot/previous.
#
#   deploy/rollback.sh [--dry-run] [--help]
#
# The database stays as it is: migrations only add, so the release before runs on it. Run twice, it goes there and back.

# shellcheck source-path=SCRIPTDIR
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/lib/say.sh"
source "$here/lib/places.sh"
source "$here/lib/release.sh"
source "$here/lib/service.sh"
source "$here/lib/walk.sh"

while (($#)); do
  case $1 in
    --dry-run) dry_run=yes ;;
    --help | -h) help_of "$0" && exit ;;
    *) fail "${0##*/} has no option $1: see --help." ;;
  esac
  shift
done

step "Look at this machine"
[[ $(id -u) -eq 0 ]] || fail "${0##*/} needs root: run it with sudo."
alone
running=$(link_to current) target=$(link_to previous)
[[ -n $running ]] || fail "Data Bolt is not installed here."
[[ -n $target && -e $target/.complete ]] || fail "There is no release to go back to: $opt/previous names none."
finish_broken_walk
note "from ${running##*/} to ${target##*/}"

step "Load the secrets that its units name, and install them"
load_secrets_for "$target"
install_units "$target"
walk_to "$target"
show_walk
