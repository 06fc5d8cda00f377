# shellcheck shell=bash disable=SC2034  # read by who sources this
# Where things are on a VM; the table of deploy/README.md says what they are.

readonly opt=/opt/slack-bot
readonly releases=$opt/releases
readonly etc=/etc/slack-bot
readonly settings_file=$etc/slack-bot.env
readonly secrets_dir=$etc/secrets
readonly secrets_env=$etc/secrets.env
readonly loaded_secrets=/run/slack-bot-secrets
readonly postgres_socket_dir=/run/slack-bot-postgres
readonly postgres_data=/var/lib/slack-bot-postgres
readonly units_dir=/etc/systemd/system
readonly sysusers_dir=/etc/sysusers.d
readonly wrapper=/usr/local/bin/botctl
readonly completion=/usr/local/share/bash-completion/completions/botctl # bash reads it at the first Tab
readonly deploy_lock=/run/slack-bot-deploy.lock
readonly kept_releases=3

alone() { # one install, upgrade or rollback at a time; the kernel lets go of the lock however the script ends
  [[ -n $dry_run ]] && return
  exec 9>"$deploy_lock"
  flock --nonblock 9 || fail "Another install, upgrade or rollback is under way on this VM: wait until it has ended."
}

link_to() { # LINK: the release that it names, or nothing
  readlink -f -- "$opt/$1" 2>/dev/null || true
}

point() { # LINK RELEASE: in one rename, so that the link always names a whole release
  run ln -sfn -- "$2" "$opt/.$1.new"
  run mv -T -- "$opt/.$1.new" "$opt/$1"
}
