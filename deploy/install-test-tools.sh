#!/bin/sh
# What `make test-extra` needs beyond Python and make, from Debian's packages.
set -eu
need() { command -v "$1" >/dev/null 2>&1 || missing="${missing:-} $2"; }
need chromium chromium
[ -n "$(find /usr/share/fonts -iname '*cjk*' -print -quit 2>/dev/null)" ] || missing="${missing:-} fonts-noto-cjk"
[ -z "${missing:-}" ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "Please install:${missing} (this script does it as root on Debian or Ubuntu)." >&2
  exit 1
fi
apt-get update -qq
# shellcheck disable=SC2086  # a list of package names
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ${missing}
