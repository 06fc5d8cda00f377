#!/bin/sh
# What `make test-extra` needs beyond Python and make, from Debian's packages, and Slack's clients for Node.
set -eu
cd "$(dirname "$0")/.."
slack_clients() { # pinned by tests/local/node/package-lock.json; none of their scripts runs
  node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "Please install Node 20 or newer." >&2; exit 1; }
  npm ci --prefix tests/local/node --ignore-scripts --no-audit --no-fund --silent
}
stack_checks() { # an environment of its own: checkov pins what others must move; with pip it takes a minute
  lock=deploy/requirements-checks.lock
  cmp -s "$lock" .venv/checks/installed.lock && return
  python=$(readlink -f .venv/bin/python)
  .venv/bin/uv venv -q --clear --seed --python "$python" .venv/checks
  .venv/bin/uv pip install -q --python .venv/checks/bin/python --require-hashes -r "$lock" ||
    .venv/checks/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
  cp "$lock" .venv/checks/installed.lock
}
need() { command -v "$1" >/dev/null 2>&1 || missing="${missing:-} $2"; }
need chromium chromium
need node nodejs
need npm npm
need systemd-nspawn systemd-container
need shellcheck shellcheck
need debootstrap debootstrap
need cloud-init cloud-init
need zsh zsh
need fish fish
need promtool prometheus
[ -n "$(find /usr/share/fonts -iname '*cjk*' -print -quit 2>/dev/null)" ] || missing="${missing:-} fonts-noto-cjk"
if [ -z "${missing:-}" ]; then
  slack_clients
  stack_checks
  exit 0
fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "Please install:${missing} (this script does it as root on Debian or Ubuntu)." >&2
  exit 1
fi
case " ${missing} " in
  *" cloud-init "*) mkdir -p /etc/cloud && touch /etc/cloud/cloud-init.disabled ;; # it checks a file here; it must not set this machine up
esac
case " ${missing} " in
  *" prometheus "*) mkdir -p /etc/systemd/system && ln -sf /dev/null /etc/systemd/system/prometheus.service ;; # promtool is wanted, no server
esac
apt-get update -qq
# shellcheck disable=SC2086  # a list of package names
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ${missing}
slack_clients
stack_checks
