#!/bin/sh
# ExecStopPost= of our units, as root, with the unit's name: lets slack-bot-failed@.service tell of a run that failed.
# OnFailure= alone misses most: in systemd 252 a unit that is started again by itself never counts as failed.
set -eu
[ "${SERVICE_RESULT:-success}" != success ] || exit 0
facts=/run/slack-bot-failed
mkdir -p "$facts"
# The names that systemd gives them itself where a unit is started by OnFailure= (systemd.exec).
printf 'MONITOR_%s\n' \
  "SERVICE_RESULT=$SERVICE_RESULT" "EXIT_CODE=${EXIT_CODE:-}" "EXIT_STATUS=${EXIT_STATUS:-}" \
  "INVOCATION_ID=${INVOCATION_ID:-}" >"$facts/$1.env"
exec systemctl start --no-block "slack-bot-failed@$1.service"
