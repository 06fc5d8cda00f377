#!/bin/sh
# What `make test-extra` needs beyond Python and make, from Debian's packages, and Slack's clients for Node.
set -eu
cd "$(dirname "$0")/.."
slack_clients() { # pinned by tests/local/node/package-lock.json; none of their scripts runs
  node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "Please install Node 20 or newer." >&2; exit 1; }
  npm ci --prefix tests/local/node --ignore-scripts --no-audit --no-fund --silent
}
need() { command -v "$1" >/dev/null 2>&1 || missing="${missing:-} $2"; }
need chromium chromium
need node nodejs
need npm npm
need systemd-nspawn systemd-container
need shellcheck shellcheck
need debootstrap debootstrap
[ -n "$(find /usr/share/fonts -iname '*cjk*' -print -quit 2>/dev/null)" ] || missing="${missing:-} fonts-noto-cjk"
if [ -z "${missing:-}" ]; then
  slack_clients
  exit 0
fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "Please install:${missing} (this script does it as root on Debian or Ubuntu)." >&2
  exit 1
fi
apt-get update -qq
# shellcheck disable=SC2086  # a list of package names
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ${missing}
slack_clients
