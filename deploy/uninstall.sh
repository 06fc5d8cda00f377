#!/usr/bin/env bash
# Remove Data Bolt from this VM: units, releases, botctl. What it knows stays, unless it is told otherwise.
#
#   deploy/uninstall.sh [--purge] [--dry-run] [--help]
#
#   --purge   settings, secrets, state, cache and the embedded Postgres with everything in it, too: for good

# shellcheck source-path=SCRIPTDIR
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/lib/say.sh"
source "$here/lib/places.sh"

purges=''
while (($#)); do
  case $1 in
    --purge) purges=yes ;;
    --dry-run) dry_run=yes ;;
    --help | -h) help_of "$0" && exit ;;
    *) fail "${0##*/} has no option $1: see --help." ;;
  esac
  shift
done
[[ $(id -u) -eq 0 ]] || fail "${0##*/} needs root: run it with sudo."
alone

step "Stop the units"
mapfile -t units < <(cd "$units_dir" && find . -maxdepth 1 -name 'slack-bot*' -printf '%f\n' | sort)
for unit in slack-bot.service slack-bot@blue.service slack-bot@green.service "${units[@]}"; do
  case $unit in
    *@.service | *.d) ;;
    *) run systemctl disable --now --quiet "$unit" 2>/dev/null || true ;;
  esac
done

step "Remove units, releases and botctl"
for unit in "${units[@]}"; do run rm -rf -- "${units_dir:?}/$unit"; done
run rm -f -- "$sysusers_dir"/slack-bot*.conf "$wrapper" "$completion"
run rm -rf -- "$opt" "$loaded_secrets" /run/slack-bot-failed
run systemctl daemon-reload
run systemctl reset-failed

if [[ -n $purges ]]; then
  step "Remove settings, secrets and everything it knew"
  run rm -rf -- "$etc" /var/lib/slack-bot /var/lib/private/slack-bot /var/cache/slack-bot /var/cache/private/slack-bot "$postgres_data" /var/lib/slack-bot-backups "$deploy_lock"
  printf '✓ Data Bolt is gone\n'
else
  printf '✓ Data Bolt is gone; %s, /var/lib/slack-bot and %s stay (--purge removes them)\n' "$etc" "$postgres_data"
fi
