#!/usr/bin/env bash
# Compares what the module exports with its last release, by the apidiff that
# is given. An incompatible change takes a new major version or, before 1.0.0,
# an entry in CHANGELOG.md, above that release, that begins with **Breaking:**.
set -euo pipefail
apidiff=$1

tag=$(git describe --tags --abbrev=0 --match 'v[0-9]*' --exclude '*-*' 2>/dev/null) || {
	echo 'no release to compare with'
	exit 0
}
old=$(mktemp -d)
trap 'git worktree remove --force "$old"' EXIT
git worktree add --quiet --detach "$old" "$tag"

module=$(go list -m)
if [ "$(go -C "$old" list -m)" != "$module" ]; then
	echo "a new major version after $tag"
	exit 0
fi
# It tells on standard error which packages it ignores, and also what does not compile.
quietly() { "$@" 2>"$old/.stderr" || { cat "$old/.stderr" >&2; return 1; }; }
(cd "$old" && quietly "$apidiff" -m -w "$old/.api" "$module")
broken=$(quietly "$apidiff" -m -incompatible "$old/.api" "$module")
broken=$(grep -v '/examples/' <<<"$broken" || true)
if [ -z "$broken" ]; then
	echo "compatible with $tag"
	exit 0
fi
printf 'incompatible with %s:\n%s\n' "$tag" "$broken"
if [[ $tag == v0.* ]] && sed "/^## \[${tag#v}\]/,\$d" CHANGELOG.md | grep -q '^- \*\*Breaking:\*\* '; then
	echo 'CHANGELOG.md says so'
	exit 0
fi
exit 1
