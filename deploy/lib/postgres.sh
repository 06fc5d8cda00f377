# shellcheck shell=bash
# The database: a server that DATABASE_URL names, else the embedded one as a unit of its own.

readonly postgres_unit=slack-bot-postgres.service

is_embedded_url() { # whether DATABASE_URL is the one that was made here
  has_secret database_url && grep -q "host=$postgres_socket_dir" "$secrets_dir/database_url"
}

see_to_database() { # WANTED: yes for the embedded one where nothing else is named
  if has_secret database_url && ! is_embedded_url; then
    note "a server: DATABASE_URL"
    return
  fi
  if [[ -z $1 ]]; then
    [[ $(current_source_of_secrets) == ssm:* || -n $dry_run ]] && return # it comes from there
    fail "--without-embedded-postgres needs a DATABASE_URL, in the .env or in $secrets_dir/database_url."
  fi
  note "the embedded one, in $postgres_data"
  is_embedded_url || make_embedded_url
}

start_embedded() { # with the secrets loaded, for its address is one of them
  is_embedded_url || return 0
  run systemctl enable --quiet "$postgres_unit"
  start_unit "$postgres_unit" || fail "The embedded Postgres did not start: see above."
}

make_embedded_url() {
  [[ -n $dry_run ]] && return
  local password
  password=$(head -c 32 /dev/urandom | base64 | tr -d '+/=\n')
  write_file "$secrets_dir/database_url" 0600 <<<"postgresql://slackbot:$password@/slackbot?host=$postgres_socket_dir"
}
