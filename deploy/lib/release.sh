# shellcheck shell=bash
# A release: what it is called, its files, its venv. A folder with the file .complete in it is whole.

readonly release_entries=(bot agent deploy systemd pyproject.toml README.md LICENSE .env.example)

identify_release() { # SOURCE: sets release_name, release_dir and version_json, from VERSION of a tarball, else from git
  local source=$1 version commit built
  [[ -d $source/bot && -d $source/agent && -f $source/pyproject.toml ]] || fail "$source holds no Data Bolt: name a checkout or an unpacked release."
  if [[ -f $source/VERSION ]]; then
    version_json=$(<"$source/VERSION")
  else
    version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$source/pyproject.toml")
    # safe.directory: the clone may be somebody else's than root's
    commit=$(git -c safe.directory="$source" -C "$source" rev-parse HEAD 2>/dev/null) ||
      fail "$source has neither a VERSION file nor a git history: unpack a release (\`make release\`), or clone the repository."
    built=$(git -c safe.directory="$source" -C "$source" log -1 --format=%cI)
    [[ -z $(git -c safe.directory="$source" -C "$source" status --porcelain -- "${release_entries[@]}") ]] || commit=$commit-$(digest_of "$source")
    version_json="{\"version\": \"$version\", \"commit\": \"$commit\", \"built\": \"$built\"}"
  fi
  version=$(json_field version) commit=$(json_field commit)
  [[ $version =~ ^[0-9][0-9A-Za-z.+]*$ && $commit =~ ^[0-9a-f]{7,64}(-[0-9a-f]+)?$ ]] || fail "VERSION of $source does not name a version and a commit."
  if [[ $commit == *-* ]]; then commit=${commit:0:12}-${commit##*-}; else commit=${commit:0:12}; fi
  release_name=$version-$commit
  release_dir=$releases/$release_name
}

json_field() { # NAME: of version_json, which is flat
  sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" <<<"$version_json" | head -n 1
}

digest_of() { # SOURCE: of work that no commit holds yet
  (cd "$1" && find "${release_entries[@]}" -type f ! -path '*/__pycache__/*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-12)
}

lay_out_release() { # SOURCE LOCKS PYTHON: files and venv in release_dir
  if [[ -e $release_dir/.complete ]]; then
    note "$release_dir is there already"
    has_packages "$2" || install_packages "$2"
    return
  fi
  copy_files "$1"
  make_venv "$2" "$3"
  run touch "$release_dir/.complete"
}

copy_files() { # SOURCE
  local entry
  if [[ -n $dry_run ]]; then
    note "would copy ${release_entries[*]} there"
    return
  fi
  install -d -m 0755 "$opt" "$releases" "$release_dir"
  for entry in "${release_entries[@]}"; do
    rm -rf -- "${release_dir:?}/$entry"
    cp -R -- "$1/$entry" "$release_dir/$entry"
  done
  find "$release_dir" -path "$release_dir/venv" -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
  printf '%s\n' "$version_json" >"$release_dir/VERSION"
  chown -R root:root "$release_dir"
  chmod -R u=rwX,go=rX "$release_dir"
}

make_venv() { # LOCKS PYTHON: packages by hash; the release's own code by a path file, for it is there already
  local venv=$release_dir/venv python=$2 site
  run "$python" -m venv "$venv" || fail "$python could not make a venv in $venv: see above."
  install_packages "$1"
  [[ -n $dry_run ]] && return
  site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  printf '%s\n' "$release_dir" >"$site/data_bolt.pth"
  printf '#!%s/bin/python\nimport sys\n\nfrom bot.cli.main import main\n\nsys.exit(main())\n' "$venv" >"$venv/bin/botctl"
  chmod 0755 "$venv/bin/botctl"
  # The service may not write here, so what Python compiles is made now.
  "$venv/bin/python" -m compileall -q "$release_dir/bot" "$release_dir/agent"
}

install_botctl() { # DEPLOY-FOLDER: the wrapper, and what Tab offers behind it
  cmp --silent "$1/botctl" "$wrapper" || run install -D -m 0755 "$1/botctl" "$wrapper"
  cmp --silent "$1/botctl-completion.bash" "$completion" || run install -D -m 0644 "$1/botctl-completion.bash" "$completion"
}

install_packages() { # LOCKS: of one venv; they agree on what they share
  local lock named="deploy/${1// /, deploy/}" wanted=()
  for lock in $1; do
    [[ -f $release_dir/deploy/$lock || -n $dry_run ]] || fail "This release has no deploy/$lock."
    wanted+=(-r "$release_dir/deploy/$lock")
  done
  step "Install the packages of $named (a minute)"
  run "$release_dir/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --only-binary :all: --require-hashes "${wanted[@]}" ||
    fail "The packages of $named could not be installed: see above (a way to the package index? room on the disk?)."
  [[ -n $dry_run ]] || printf '%s\n' "$1" >"$release_dir/.lock"
}

has_packages() { # LOCKS: all of them are installed; any of them holds what the plain one does
  local lock
  for lock in $1; do
    [[ $lock == requirements.lock || " $(<"$release_dir/.lock") " == *" $lock "* ]] || return 1
  done
}

drop_old_releases() { # all but the newest few, and never one that a link names or that something runs from
  local folder kept=0 named
  named=" $(link_to current) $(link_to previous) $(link_to green) $(link_to blue) $(working_folders) "
  while IFS= read -r folder; do
    ((++kept > kept_releases)) || continue
    [[ $named != *" $folder "* ]] || continue
    note "removing ${folder##*/}"
    run rm -rf -- "$folder"
  done < <(find "$releases" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' | sort -rn | cut -d ' ' -f 2-)
}

working_folders() { # of every process: the embedded Postgres goes on with the release that it was started by
  { readlink /proc/[0-9]*/cwd || true; } 2>/dev/null | sort --unique | tr '\n' ' '
}
