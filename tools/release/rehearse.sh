#!/usr/bin/env bash
# Publishes HEAD on this machine alone and uses it as a stranger would: tags in a
# bare clone, an empty module cache, a new module without a replace. Then it prints
# the commands that publish it for everybody. usage: tools/release/rehearse.sh 0.1.0
set -euo pipefail
version=${1:?usage: tools/release/rehearse.sh X.Y.Z}
cd "$(dirname "$0")/../.."

fail() { echo "$1" >&2; exit 1; }
[ -z "$(git status --porcelain)" ] || fail 'commit first'
grep -qx "const version = \"$version\"" options.go || fail "options.go has another version"
grep -qE "^## \[$version\] - [0-9]{4}-[0-9]{2}-[0-9]{2}$" CHANGELOG.md || fail "CHANGELOG.md has no date for $version"
for module in flow/redisstore examples/loginui; do
	grep -qE "go-auth0-mfa/mfa v$version$" $module/go.mod || fail "$module/go.mod requires another version"
done

module=$(go list -m)
tags=("v$version" "flow/redisstore/v$version")
proxy="file://$(go env GOMODCACHE)/cache/download,$(go env GOPROXY)" # for the other modules
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir" && rm -rf "$dir"' EXIT

git clone --quiet --bare . "$dir/mfa.git"
for tag in "${tags[@]}"; do
	git -C "$dir/mfa.git" tag --force "$tag" "$(git rev-parse HEAD)"
done
git config --file "$dir/gitconfig" "url.file://$dir/mfa.git.insteadOf" "https://$module"
export GIT_CONFIG_GLOBAL=$dir/gitconfig GOPRIVATE="$module,$module/*" GOMODCACHE=$dir/cache GOPROXY=$proxy GOWORK=off GOFLAGS=-modcacherw

mkdir "$dir/app" && cp example_guided_test.go example_errors_test.go "$dir/app"
cd "$dir/app"
go mod init example.com/app
go get "$module@v$version" "$module/flow/redisstore@v$version"
cat >main.go <<EOF
package main

import _ "$module/flow/redisstore"

func main() {}
EOF
sed -i 's/^package mfa_test/package main/' ./*_test.go
go mod tidy
if grep -q '^replace' go.mod; then fail 'a replace'; fi
go test -v -run 'Example_(guided|login)' .
go list -m "$module" "$module/flow/redisstore"
go run "$module/examples/quickstart@v$version" >/dev/null

printf '\n%s can be published. Once CI has passed on main:\n' "v$version"
for tag in "${tags[@]}"; do printf '  git tag -s %s -m %s\n' "$tag" "$tag"; done
printf '  git push --atomic origin %s\n' "${tags[*]}"
