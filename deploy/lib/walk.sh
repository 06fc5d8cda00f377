# shellcheck shell=bash
# From one release to another with no moment in which nobody listens: the new one runs as green while slack-bot changes.

look_at_running() { # RELEASE: one that fails may be left for one that does not; one that somebody stopped stays stopped
  local state
  state=$(systemctl is-active slack-bot.service || true)
  case $state in
    active) ;;
    failed | activating) note "! slack-bot is not ready on ${1##*/} ($state): it is tried whether the new one gets ready" ;;
    *) fail "slack-bot is $state, and was not by failing: start it (systemctl start slack-bot), then run this again." ;;
  esac
}

walk_to() { # RELEASE: whole, and its schema made. On failure everything is as it was
  local new=$1 old before
  old=$(link_to current) before=$(link_to previous)
  point green "$new"
  step "Start ${new##*/} as slack-bot@green beside the running one"
  if ! start_unit slack-bot@green.service; then
    run systemctl stop slack-bot@green.service
    install_units "$old"
    fail "${new##*/} did not get ready, so nothing was changed: slack-bot stays on ${old##*/}."
  fi
  step "Stop slack-bot: it finishes what it has in hand while green answers"
  run systemctl stop slack-bot.service
  point previous "$old"
  point current "$new"
  step "Start slack-bot on ${new##*/}"
  if ! start_unit slack-bot.service; then
    point current "$old"
    [[ -z $before ]] || point previous "$before"
    install_units "$old"
    run systemctl start --no-block slack-bot.service
    fail "slack-bot did not get ready on ${new##*/} though green did; green answers until slack-bot is back on ${old##*/}: stop it then with \`systemctl stop slack-bot@green\`."
  fi
  step "Stop slack-bot@green: it finishes what it has in hand"
  run systemctl stop slack-bot@green.service
}

finish_broken_walk() { # an upgrade that was killed half-way may have left green in slack-bot's place
  is_active slack-bot@green.service || return 0
  if is_active slack-bot.service; then
    note "slack-bot@green is left over from an upgrade that did not end: stopping it"
    run systemctl stop slack-bot@green.service
    return
  fi
  note "slack-bot@green answers in place of slack-bot since an upgrade that did not end: starting slack-bot on $(link_to current)"
  start_unit slack-bot.service || fail "slack-bot does not get ready: see above. slack-bot@green goes on answering."
  run systemctl stop slack-bot@green.service
}

show_walk() {
  printf '✓ slack-bot runs %s; before it ran %s\n' "$(basename -- "$(link_to current)")" "$(basename -- "$(link_to previous)")"
}
