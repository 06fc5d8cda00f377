# shellcheck shell=bash
# What a script says: one line for a step, one sentence for a failure. Sourced first.

set -Eeuo pipefail
umask 022
unset PYTHONPATH PYTHONHOME PYTHONSTARTUP CDPATH

dry_run=''
doing='start'

step() { # SENTENCE: what is done next
  doing=$1
  printf '▶ %s\n' "$1"
}

note() { printf '  %s\n' "$*"; }

fail() { # SENTENCE: what is wrong and what to do
  printf '✗ %s\n' "$*" >&2
  trap - ERR
  exit 1
}

run() { # COMMAND...: done, or only shown with --dry-run
  if [[ -n $dry_run ]]; then note "would run: $*"; else "$@"; fi
}

unforeseen() { # LINE
  fail "${0##*/} could not go on at \"$doing\" (line $1): see above. Once that is mended, run it again: it goes on from there."
}
trap 'unforeseen "${BASH_LINENO[0]:-$LINENO}"' ERR

help_of() { # SCRIPT: its first comment
  sed -n '2,/^$/s/^# \{0,1\}//p' "$1"
}

want_value() { # OPTION VALUE...: or a sentence
  [[ $# -ge 2 && -n $2 && $2 != --* ]] || fail "$1 needs a value: see --help."
}
