#!/bin/bash
# The settings of this stack, from the foundation's bucket to /etc/slack-bot: slack-bot.env, policy.yaml, google.json.
# None of them is a secret; secrets come from the Parameter Store when the units start.
set -euo pipefail
# shellcheck source=/dev/null
. "${VM_ENV:-/etc/slack-bot-vm.env}"
etc=${ETC:-/etc}

install -d -m 0755 "$etc/slack-bot"
aws s3 cp --only-show-errors --recursive --region "$REGION" "s3://$BUCKET/config/$STACK/" "$etc/slack-bot/"
if [ ! -s "$etc/slack-bot/slack-bot.env" ]; then
  echo "slack-bot: there are no settings: put slack-bot.env into s3://$BUCKET/config/$STACK/" >&2
  exit 1
fi
# boto3 does not ask the VM where it is.
install -d -m 0755 "$etc/systemd/system/slack-bot-secrets.service.d"
printf '[Service]\nEnvironment=AWS_REGION=%s\n' "$REGION" >"$etc/systemd/system/slack-bot-secrets.service.d/region.conf"
