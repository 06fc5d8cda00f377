# shellcheck shell=bash
# Which locks a release's venv is made from: the plain one, or those of the extras that somebody asked for, together.

locks=''

with_extra() { # NAME: its lock too
  case ${1:-} in
    aws | otel) add_lock "requirements-$1.lock" ;;
    *) fail "--with knows aws and otel." ;;
  esac
}

keep_extras_of() { # RELEASE: what it was installed with
  local lock
  [[ -f $1/.lock ]] || return 0
  for lock in $(<"$1/.lock"); do add_lock "$lock"; done
}

add_lock() { # FILE
  [[ " $locks " == *" $1 "* ]] || locks+=${locks:+ }$1
}
