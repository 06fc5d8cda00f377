#!/usr/bin/env bash
# Install Data Bolt as a service on this VM, from a checkout or an unpacked release.
#
#   deploy/install.sh [--env FILE] [options]
#
#   --env FILE                   take settings and secrets from an .env: secrets go to /etc/slack-bot/secrets (0600)
#   --policy FILE                who may read what (POLICY_FILE of the .env, if it names one)
#   --google FILE                Google credentials: a federation's configuration, or a key (likewise)
#   --secrets-from WHERE         ssm:/slack-bot/prod, or a folder (/etc/slack-bot/secrets)
#   --with aws                   boto3 too: secrets from SSM, checkpoints on DynamoDB
#   --with otel                  OpenTelemetry too: traces to OTEL_EXPORTER_OTLP_ENDPOINT
#   --without-embedded-postgres  DATABASE_URL names a server (it is enough that the .env does)
#   --python COMMAND             a Python of 3.11 or newer in place of the system's
#   --no-start                   everything but the start
#   --dry-run                    show what would be done
#   --help
#
# A second run changes nothing, and a run that broke off is gone on with. Amazon Linux 2023, Debian 12, Ubuntu 24.04.

# shellcheck source-path=SCRIPTDIR
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/lib/say.sh"
source "$here/lib/places.sh"
source "$here/lib/system.sh"
source "$here/lib/extras.sh"
source "$here/lib/release.sh"
source "$here/lib/settings.sh"
source "$here/lib/service.sh"
source "$here/lib/postgres.sh"

env_file='' policy='' google='' secrets_from='' embedded=yes wished_python='' starts=yes
while (($#)); do
  case $1 in
    --env) want_value "$@" && env_file=$2 && shift ;;
    --policy) want_value "$@" && policy=$2 && shift ;;
    --google) want_value "$@" && google=$2 && shift ;;
    --secrets-from) want_value "$@" && secrets_from=$2 && shift ;;
    --with) with_extra "${2:-}" && shift ;;
    --python) want_value "$@" && wished_python=$2 && shift ;;
    --without-embedded-postgres) embedded='' ;;
    --no-start) starts='' ;;
    --dry-run) dry_run=yes ;;
    --help | -h) help_of "$0" && exit ;;
    *) fail "${0##*/} has no option $1: see --help." ;;
  esac
  shift
done

step "Look at this machine"
require_root
require_systemd
alone
require_known_os
require_resources
find_python "$wished_python"

step "Look at the release"
source=$(cd "$here/.." && pwd)
identify_release "$source"
running=$(link_to current)
if [[ -n $running && $running != "$release_dir" ]]; then
  fail "This VM has ${running##*/} installed: deploy/upgrade.sh goes from it to $release_name."
fi
note "$release_name"

step "Lay out $release_dir"
keep_extras_of "$release_dir"
lay_out_release "$source" "${locks:-requirements.lock}" "$python"
point current "$release_dir"
install_botctl "$here"

before=$(fingerprint)
step "Install the units"
install_units "$release_dir"

step "Take over settings and secrets"
make_etc
choose_source_of_secrets "${secrets_from:-$(current_source_of_secrets)}"
if [[ -n $env_file ]]; then
  [[ -r $env_file ]] || fail "$env_file cannot be read."
  policy=${policy:-$(file_of "$env_file" POLICY_FILE)}
  google=${google:-$(file_of "$env_file" GOOGLE_APPLICATION_CREDENTIALS)}
fi
[[ -z $policy ]] || take_over_policy "$policy"
[[ -z $google ]] || take_over_google "$google"
[[ -z $env_file ]] || take_over_env "$env_file"
see_to_federation
[[ -f $settings_file || -n $dry_run ]] || install -m 0644 /dev/null "$settings_file"

step "See to the database"
see_to_database "$embedded"

step "Load the secrets"
load_secrets
start_embedded

step "Compile the SQL engine (a minute, once)"
prepare_engine "$release_dir"

step "Bring the database up to date"
prepare_schema "$release_dir"

if [[ -z $starts ]]; then
  printf '✓ %s is installed and not started: systemctl enable --now slack-bot\n' "$release_name"
  exit
fi
step "Start slack-bot and wait until it is connected to Slack"
run systemctl enable --quiet slack-bot.service
if is_active slack-bot.service && [[ $before != "$(fingerprint)" ]]; then
  note "it runs, but with other settings: it finishes what it has in hand, and starts anew"
  run systemctl stop slack-bot.service
fi
start_unit slack-bot.service || fail "slack-bot did not get ready: see what it said above. Mend that, and run this again (\`botctl doctor\` knows more)."

step "botctl doctor"
run "$wrapper" doctor || note "! the doctor found something: see above"

cat <<EOF
✓ $release_name answers. Mention the bot in a channel that it was invited to.
  watch it         journalctl -u slack-bot -f
  look after it    botctl --help
  change a setting $settings_file, then: systemctl restart slack-bot
  the runbook      $opt/current/deploy/README.md
EOF
