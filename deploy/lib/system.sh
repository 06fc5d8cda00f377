# shellcheck shell=bash
# The machine: which system it runs, what it lacks, whether there is room.

readonly needed_opt_mb=2000 needed_var_mb=1000 needed_memory_mb=1700
os_release=${OS_RELEASE:-/etc/os-release} # another one in the tests
python=''

require_root() {
  [[ $(id -u) -eq 0 ]] || fail "${0##*/} needs root: run it with sudo."
}

require_systemd() {
  [[ -n $dry_run || -d /run/systemd/system ]] || fail "This machine is not run by systemd: Data Bolt can run here as \`python -m bot\`, but not as a service."
}

os_field() { # NAME
  sed -n "s/^$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" "$os_release" | head -n 1
}

require_known_os() { # sets packages_by: apt or dnf
  local id version
  [[ -r $os_release ]] || fail "There is no $os_release, so what this machine runs is unknown."
  id=$(os_field ID) version=$(os_field VERSION_ID)
  case $id in
    debian) ((${version%%.*} >= 12)) && packages_by=apt ;;
    ubuntu) ((${version%%.*} >= 24)) && packages_by=apt ;;
    amzn) ((${version%%.*} >= 2023)) && packages_by=dnf ;;
  esac
  [[ -n ${packages_by:-} ]] || fail "This is $(os_field PRETTY_NAME); the install is made for Amazon Linux 2023, Debian 12 and Ubuntu 24.04, or later ones of these."
  note "$(os_field PRETTY_NAME), $(uname -m)"
}

is_good_python() { # COMMAND: 3.11 or newer, with all that a venv takes
  command -v "$1" >/dev/null && "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() { # [WISHED]: sets python; installs the system's where there is none
  local candidate
  if [[ -n ${1:-} ]]; then
    is_good_python "$1" || fail "$1 is no Python 3.11 or newer with venv and ensurepip."
    python=$(command -v "$1")
    return
  fi
  for candidate in python3.13 python3.12 python3.11 python3; do
    is_good_python "/usr/bin/$candidate" && python=/usr/bin/$candidate && break
  done
  if [[ -z $python ]]; then
    install_python
    for candidate in python3.11 python3; do
      is_good_python "/usr/bin/$candidate" && python=/usr/bin/$candidate && break
    done
  fi
  [[ -n $python || -n $dry_run ]] || fail "There is no Python 3.11 or newer with venv, and the system's packages brought none: name one with --python."
  note "${python:-Python (once it is installed)}"
}

install_python() {
  note "Python with venv is missing: installing it from the system's packages"
  case $packages_by in
    apt)
      run apt-get update -qq || fail "apt-get update failed (see above): is there a way to the package mirror?"
      run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv ca-certificates >/dev/null ||
        fail "apt-get could not install python3-venv (see above)."
      ;;
    dnf) run dnf install -y -q python3.11 || fail "dnf could not install python3.11 (see above)." ;;
  esac
}

free_mb() { # PATH: of the file system it lies or will lie in
  local path=$1
  until [[ -e $path ]]; do path=$(dirname -- "$path"); done
  df --output=avail -BM -- "$path" | tail -n 1 | tr -dc 0-9
}

require_room() { # NEEDED_MB PATH
  local free
  free=$(free_mb "$2")
  ((free >= $1)) || fail "$2 has $free MB free; a release takes $1 MB: make room, then run this again."
}

require_resources() {
  local memory
  require_room "$needed_opt_mb" "$opt"
  require_room "$needed_var_mb" /var/lib
  memory=$(awk '/^MemTotal:/ {print int($2 / 1024)}' /proc/meminfo)
  ((memory >= needed_memory_mb)) || note "! $memory MB of memory; $needed_memory_mb MB are what the daemon, its embedded Postgres and an upgrade need together"
}
