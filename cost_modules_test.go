package mfa_test

import (
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A program that uses this package links three modules beside it.
func TestCost_modules(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	require.NoError(t, os.WriteFile(source, []byte(`package main

import "github.com/go-auth0-mfa/mfa"

func main() {
	client, err := mfa.NewClient("tenant.eu.auth0.com", "id")
	println(client, err)
}
`), 0o600))
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, source)
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	info, err := buildinfo.ReadFile(program)
	require.NoError(t, err)
	var linked []string
	for _, module := range info.Deps {
		linked = append(linked, module.Path)
	}
	assert.Equal(t, []string{
		"github.com/go-auth0-mfa/mfa",
		"github.com/go-json-experiment/json",
		"github.com/go-resty/resty/v2",
		"golang.org/x/net",
	}, linked)
}
