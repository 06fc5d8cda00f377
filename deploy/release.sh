#!/usr/bin/env bash
# Make a release of the commit that is checked out: dist/data-bolt-VERSION-COMMIT.tar.gz and its .sha256. A VM needs no git.
#
#   deploy/release.sh [--help]
#
# The same commit gives the same bytes.

# shellcheck source-path=SCRIPTDIR
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/lib/say.sh"
source "$here/lib/places.sh"
source "$here/lib/release.sh"
case ${1:-} in
  '') ;;
  --help | -h) help_of "$0" && exit ;;
  *) fail "${0##*/} has no option $1: see --help." ;;
esac

cd "$here/.." || exit
[[ -z $(git status --porcelain --untracked-files=no -- "${release_entries[@]}") ]] || fail "There is work that no commit holds: commit it first, for a release is a commit."
identify_release "$PWD"
name=data-bolt-$release_name
mkdir -p dist
git archive --format=tar --prefix="$name/" --add-virtual-file="$name/VERSION:$version_json" HEAD -- "${release_entries[@]}" |
  gzip -n -9 >"dist/$name.tar.gz"
(cd dist && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
printf '✓ dist/%s.tar.gz (%s bytes)\n' "$name" "$(stat -c %s "dist/$name.tar.gz")"
