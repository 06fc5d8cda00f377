#!/bin/bash
# A new VM of the stack: its data volume, its settings, its log lines on their way, the release installed and ready.
# Run by the user-data of stack.yaml from an unpacked release; ends when the daemon is ready, or fails.
set -euo pipefail
# shellcheck source=/dev/null
. "${VM_ENV:-/etc/slack-bot-vm.env}"
here=$(dirname "$(readlink -f "$0")")

if [ "$POSTGRES" = embedded ]; then
  "$here/attach-volume.sh" "$VOLUME" /var/lib/slack-bot-postgres
fi
"$here/fetch-settings.sh"
"$here/ship-logs.sh" || echo "slack-bot: the log lines of this VM do not reach CloudWatch; the bot runs all the same" >&2

options=(--with aws --secrets-from "ssm:$PREFIX")
if [ "$POSTGRES" = outside ]; then
  options+=(--without-embedded-postgres)
fi
"$here/../install.sh" "${options[@]}"
