#!/usr/bin/env bash
# Upgrade Data Bolt on this VM to the checkout or unpacked release that this script lies in, without a pause.
#
#   deploy/upgrade.sh [--prepare] [--with aws|otel] [--python COMMAND] [--dry-run] [--help]
#
#   --prepare         only lay it out beside the running one: the upgrade itself then takes seconds, when you choose
#   --with aws|otel   boto3, OpenTelemetry too; what the running release was installed with is kept anyway
#   --python COMMAND  a Python of 3.11 or newer in place of the system's
#
# The new release is laid out beside the running one and gets ready as slack-bot@green; only then slack-bot is stopped,
# drained, and started on the new release. If it does not get ready, the old one runs on. The last 3 releases are kept.

# shellcheck source-path=SCRIPTDIR
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/lib/say.sh"
source "$here/lib/places.sh"
source "$here/lib/system.sh"
source "$here/lib/extras.sh"
source "$here/lib/release.sh"
source "$here/lib/service.sh"
source "$here/lib/walk.sh"

wished_python='' prepares=''
while (($#)); do
  case $1 in
    --with) with_extra "${2:-}" && shift ;;
    --prepare) prepares=yes ;;
    --python) want_value "$@" && wished_python=$2 && shift ;;
    --dry-run) dry_run=yes ;;
    --help | -h) help_of "$0" && exit ;;
    *) fail "${0##*/} has no option $1: see --help." ;;
  esac
  shift
done

renice --priority 10 --pid $$ >/dev/null # people's questions go first
step "Look at this machine"
require_root
require_systemd
alone
running=$(link_to current)
[[ -n $running && -e $running/.complete ]] || fail "Data Bolt is not installed here: deploy/install.sh does that."
source=$(cd "$here/.." && pwd)
identify_release "$source"
finish_broken_walk
if [[ $running == "$release_dir" ]]; then
  printf '✓ %s is what runs already\n' "$release_name"
  exit
fi
[[ -n $dry_run ]] || look_at_running "$running"
require_known_os
require_room "$needed_opt_mb" "$opt"
find_python "$wished_python"
note "from ${running##*/} to $release_name"

step "Lay out $release_dir"
keep_extras_of "$running"
lay_out_release "$source" "${locks:-requirements.lock}" "$python"

step "Compile the SQL engine, if this release has another one"
prepare_engine "$release_dir"

if [[ -n $prepares ]]; then
  printf '✓ %s lies ready; %s runs on\n' "$release_name" "${running##*/}"
  exit
fi
step "Bring the database up to date: the running release goes on with it"
prepare_schema "$release_dir"

step "Load the secrets that its units name, and install them"
load_secrets_for "$release_dir"
install_units "$release_dir"

walk_to "$release_dir"
install_botctl "$here"

step "Drop releases beyond the last $kept_releases"
drop_old_releases
show_walk
note "to go back: $opt/current/deploy/rollback.sh"
