#!/usr/bin/env bash
# Takes the pictures of all states of the login page, and puts them beside those of the login
# page of another commit, if one is given. What the tests can't drive there is missing.
#
#   pictures.sh FOLDER [COMMIT]
set -euo pipefail
folder=$(realpath -m "$1") base=${2:-}
cd "$(dirname "$0")/.."

# take SOURCE PICTURES [FLAG...]
take() { go test -count=1 ./browser -args -source="$1" -pictures="$2" "${@:3}"; }

rm -rf "$folder" && mkdir -p "$folder"
take "$PWD/../examples/loginui" "$folder/after"
if [ -n "$base" ]; then
	tree=$(mktemp -d)
	trap 'git worktree remove --force "$tree"' EXIT
	git worktree add --quiet --detach "$tree" "$base"
	take "$tree/examples/loginui" "$folder/before" -patience=20s >"$folder/before.txt" || true
fi

{
	printf '<!doctype html>\n<meta charset="utf-8">\n<title>The states of the login page</title>\n'
	printf '<style>img { max-width: 45%%; vertical-align: top } i { display: inline-block; width: 45%% }</style>\n'
	for picture in "$folder"/after/*.png; do
		name=$(basename "$picture")
		printf '<h2>%s</h2>\n' "${name%.png}"
		if [ -e "$folder/before/$name" ]; then
			printf '<img src="before/%s" alt="before" loading="lazy">\n' "$name"
		elif [ -n "$base" ]; then
			printf '<i>missing</i>\n'
		fi
		printf '<img src="after/%s" alt="after" loading="lazy">\n' "$name"
	done
} >"$folder/index.html"
echo "$folder/index.html"
