// Package release_test checks what a release and a first use depend on.
package release_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// The commands of the README's "Use it" work in an empty module. Afterwards go needs no
// checkout: all that a program imports is vendored.
func TestREADME_install(t *testing.T) {
	t.Parallel()
	checkout, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	run := func(line string) string {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(strings.Replace(line, "=../mfa", "="+checkout, 1))
		cmd := exec.CommandContext(t.Context(), words[0], words[1:]...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GODEBUG=", "GOFLAGS=", "GOWORK=off", "GOSUMDB=off")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
		return strings.TrimSpace(string(out))
	}

	run("go mod init example.com/app")
	commands := strings.Split(strings.TrimSpace(find(t, "README.md", "(?s)## Use it\n.*?```sh\n(.*?)```")[0]), "\n")
	if len(commands) != 3 {
		t.Fatal(commands)
	}
	run(commands[0])
	run(commands[1])
	program := []byte("package main\n\nimport _ \"github.com/go-auth0-mfa/mfa/flow\"\n\nfunc main() {}\n")
	if err := os.WriteFile(filepath.Join(dir, "main.go"), program, 0o600); err != nil {
		t.Fatal(err)
	}
	run(commands[2])
	where := run("go list -mod=vendor -f {{.Dir}} github.com/go-auth0-mfa/mfa")
	if rest, found := strings.CutPrefix(where, dir); !found || !strings.Contains(rest, "vendor") {
		t.Error(where)
	}
	run("go list -mod=vendor -deps .")
}

// One commit is one version of all modules, so its tags can be pushed together.
func TestVersion(t *testing.T) {
	t.Parallel()
	version := find(t, "options.go", `(?m)^const version = "([^"]+)"$`)[0]
	if newest := find(t, "CHANGELOG.md", `(?m)^## \[(\d\S+)\] - `)[0]; newest != version {
		t.Errorf("CHANGELOG.md has %s, options.go %s", newest, version)
	}
	for _, file := range []string{"flow/redisstore/go.mod", "examples/loginui/go.mod"} {
		for _, required := range find(t, file, `go-auth0-mfa/\S+ v(\S+)`) {
			if required != version {
				t.Errorf("%s requires %s, not %s", file, required, version)
			}
		}
	}
}

// find returns what the group of a pattern matches in a file, once or more often.
func find(t *testing.T, file, pattern string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
		found = append(found, match[1])
	}
	if len(found) == 0 {
		t.Fatalf("%s has no %s", file, pattern)
	}
	return found
}
