# shellcheck shell=bash
# Units, and what runs as the service's own account.

install_units() { # RELEASE: its units in place of what is there; reloads systemd when one changed
  local file target changed='' source=$1/systemd
  [[ -d $source || -z $dry_run ]] || source=$here/../systemd # not laid out yet
  while IFS= read -r -d '' file; do
    target=${file#"$source"/}
    case $target in
      *sysusers*) target=$sysusers_dir/${target##*/} ;;
      *.service | *.timer | *.socket | *.target | *.conf) target=$units_dir/$target ;;
      *) continue ;;
    esac
    cmp --silent -- "$file" "$target" && continue
    note "${target##*/}"
    run install -D -m 0644 -- "$file" "$target"
    changed=yes
  done < <(find "$source" -type f -print0 | sort -z)
  [[ -n $changed ]] || return 0
  run systemd-sysusers
  run systemctl daemon-reload
}

as_service() { # COMMAND...: under the account, with the folders and the database of slack-bot.service
  run systemd-run --quiet --collect --wait --pipe --service-type=exec \
    -p DynamicUser=yes -p User=slack-bot -p UMask=0077 \
    -p StateDirectory=slack-bot -p StateDirectoryMode=0700 -p CacheDirectory=slack-bot -p CacheDirectoryMode=0700 \
    -p "EnvironmentFile=-$settings_file" -p "LoadCredential=database_url:$loaded_secrets/database_url" \
    -p Environment=HOME=/var/lib/slack-bot -p TimeoutStopSec=10 -p "Nice=$(nice)" \
    -- "$@" </dev/null
}

prepare_engine() { # RELEASE
  as_service "$1/venv/bin/python" -m bot.cli.main prepare engine ||
    fail "Google's SQL engine could not be compiled into /var/cache/slack-bot: see above."
}

prepare_schema() { # RELEASE
  as_service "$1/venv/bin/python" -m bot.cli.main prepare schema ||
    fail "The database could not be brought up to date by ${1##*/}: see above. Nothing else was changed."
}

is_active() { systemctl is-active --quiet "$1"; }

start_unit() { # UNIT: returns at READY; false, with what the unit said, when it does not come
  if [[ -n $dry_run ]]; then
    run systemctl start "$1"
    return
  fi
  systemctl start "$1" || { said "$1" && return 1; }
}

said() { # UNIT: its last lines
  {
    printf '  the last that %s said:\n' "$1"
    journalctl --unit "$1" --since '-5min' --lines 15 --no-pager --output cat | sed 's/^/  | /'
  } >&2
}

load_secrets() { # into /run, as at boot
  run systemctl restart slack-bot-secrets.service || {
    said slack-bot-secrets.service
    fail "The secrets could not be loaded: see above, and SECRETS_FROM in $secrets_env."
  }
}

load_secrets_for() { # RELEASE: those too that only its units name; what runs keeps its own copies
  local from environment
  from=$(sed -n 's/^SECRETS_FROM=//p' "$secrets_env" | tail -n 1)
  environment=$(systemctl show --property=Environment --value slack-bot-secrets.service) # its drop-ins': AWS_REGION
  run systemd-run --quiet --collect --wait --pipe --service-type=exec -p "Environment=$environment" \
    -- "$1/venv/bin/botctl" secrets sync --from "$from" --from "dir:$secrets_dir" --to "dir:$loaded_secrets" --all --yes </dev/null ||
    fail "The secrets could not be loaded from $from: see above. The running release goes on."
}
