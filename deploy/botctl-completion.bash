# shellcheck shell=bash
# What Tab offers behind botctl, asked of the release that runs on this VM: an upgrade has nothing to renew here.
# shellcheck source=/dev/null
source <(/usr/local/bin/botctl completion bash 2>/dev/null)
