# shellcheck shell=bash
# Settings and secrets of the service. A secret is never an argument of a command, and never printed.

readonly google_key=$etc/google-key.json

env_value() { # FILE NAME: as it stands there, without quotes
  sed -n "s/^[[:space:]]*\(export[[:space:]]\+\)\{0,1\}$2=//p" "$1" | tail -n 1 | sed "s/^\([\"']\)\(.*\)\1[[:space:]]*\$/\2/"
}

file_of() { # FILE NAME: what a setting names, beside the env file where it is no whole path
  local path
  path=$(env_value "$1" "$2")
  case $path in
    '' | /*) printf '%s' "$path" ;;
    *) printf '%s/%s' "$(dirname -- "$1")" "$path" ;;
  esac
}

make_etc() {
  run install -d -m 0755 "$etc"
  run install -d -m 0700 "$secrets_dir"
}

current_source_of_secrets() {
  if [[ -f $secrets_env ]]; then env_value "$secrets_env" SECRETS_FROM; else printf 'dir:%s' "$secrets_dir"; fi
}

choose_source_of_secrets() { # SOURCE; what it does not have is looked for in the secrets' folder
  local source=$1 line
  [[ $source != /* ]] || source=dir:$source
  [[ $source =~ ^(dir|ssm):/[A-Za-z0-9_./-]+$ ]] || fail "--secrets-from takes a folder ($secrets_dir) or ssm:/a/prefix, not $1."
  line=SECRETS_FROM=$source
  [[ -f $secrets_env && $(<"$secrets_env") == "$line" ]] && return
  note "$line"
  [[ -n $dry_run ]] || write_file "$secrets_env" 0644 <<<"$line"
}

write_file() { # PATH MODE: standard input, beside and renamed
  local draft
  draft=$(mktemp -- "$1.XXXXXX")
  cat >"$draft"
  chmod "$2" "$draft"
  mv -T -- "$draft" "$1"
}

take_over_env() { # FILE: secrets to the secrets' folder, everything else to the unit's environment file
  local draft
  [[ -r $1 ]] || fail "$1 cannot be read."
  if [[ -n $dry_run ]]; then
    note "would split $1 into $settings_file and $secrets_dir"
    return
  fi
  draft=$(mktemp -d "$etc/.env.XXXXXX") # 0700, and on the disk that gets the secrets anyway
  # shellcheck disable=SC2064  # this draft
  trap "rm -rf -- '$draft'" EXIT
  (umask 077 && sed '/^[[:space:]]*\(export[[:space:]]\+\)\{0,1\}\(POLICY_FILE\|GOOGLE_APPLICATION_CREDENTIALS\)=/d' "$1" >"$draft/env")
  settled_files >>"$draft/env"
  "$release_dir/venv/bin/botctl" secrets sync --from "$draft/env" --to "dir:$secrets_dir" --yes ||
    fail "The secrets of $1 could not be taken over: see above."
  drop_from "$draft/env" "$secrets_dir"/*
  "$release_dir/venv/bin/botctl" env sync --from "$draft/env" --to "$settings_file" --yes ||
    fail "The settings of $1 could not be taken over: see above."
  rm -rf -- "$draft"
  trap - EXIT
}

drop_from() { # ENV_FILE SECRET...: files named for the settings that went into them
  local secret
  for secret in "${@:2}"; do
    secret=${secret##*/}
    sed -i "/^[[:space:]]*\(export[[:space:]]\+\)\{0,1\}${secret^^}=/d" "$1"
  done
}

settled_files() { # the settings that name files: those lie in our own folder now
  printf '\n'
  if [[ -f $etc/policy.yaml ]]; then printf 'POLICY_FILE=%s\n' "$etc/policy.yaml"; fi
  # of a key, the units name the copy that they load
  if [[ -f $etc/google.json && ! -f $google_key ]]; then printf 'GOOGLE_APPLICATION_CREDENTIALS=%s\n' "$etc/google.json"; fi
}

take_over_policy() { # FILE
  [[ -r $1 ]] || fail "The policy $1 cannot be read."
  [[ $(realpath -- "$1") == "$etc/policy.yaml" ]] && return
  run install -m 0644 -- "$1" "$etc/policy.yaml"
}

take_over_google() { # FILE: federation's configuration holds no key; a key is a credential that only the units load
  [[ -r $1 ]] || fail "The Google credentials $1 cannot be read."
  case $(realpath -- "$1") in "$etc/google.json" | "$google_key") return ;; esac
  if grep -q '"private_key"' "$1"; then
    note "! a key file: whoever copies it is the bot until it is revoked; workload identity federation needs none (ec2/README.md)"
    run rm -f -- "$etc/google.json"
    run install -m 0600 -- "$1" "$google_key"
    load_google_key
  else
    run rm -f -- "$google_key" "$units_dir"/slack-bot{,@}.service.d/google-key.conf
    run install -m 0644 -- "$1" "$etc/google.json"
  fi
  run systemctl daemon-reload
}

load_google_key() { # the unit's environment file would win over what is said here
  local unit
  [[ ! -f $settings_file ]] || run sed -i '/^GOOGLE_APPLICATION_CREDENTIALS=/d' "$settings_file"
  for unit in slack-bot.service slack-bot@.service; do
    run install -d -m 0755 "$units_dir/$unit.d"
    [[ -n $dry_run ]] || write_file "$units_dir/$unit.d/google-key.conf" 0644 <<EOF
[Service]
LoadCredential=google.json:$google_key
Environment=GOOGLE_APPLICATION_CREDENTIALS=%d/google.json
EOF
  done
}

see_to_federation() { # AWS's asks the VM who it is: its metadata service, which the units deny with every link-local address
  local unit file changed=''
  for unit in slack-bot.service slack-bot@.service; do
    file=$units_dir/$unit.d/metadata.conf
    if grep -qs aws4_request "$etc/google.json"; then
      cmp --silent -- "$here/ec2/metadata.conf" "$file" && continue
      run install -D -m 0644 -- "$here/ec2/metadata.conf" "$file"
    else
      [[ -f $file ]] || continue
      run rm -f -- "$file"
    fi
    changed=yes
  done
  [[ -z $changed ]] || run systemctl daemon-reload
}

has_secret() { # NAME: in the folder of secrets
  [[ -s $secrets_dir/$1 ]]
}

fingerprint() { # of what a running daemon would have to be started anew for
  { cat -- "$settings_file" "$secrets_dir"/* "$etc"/google*.json "$units_dir"/slack-bot.service{,.d/*} || true; } 2>/dev/null | sha256sum
}
