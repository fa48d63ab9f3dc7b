// Package comparing shows how to compare secrets, and structs that hold them, in
// tests with testify and go-cmp.
package comparing

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"

	"github.com/go-auth0-mfa/mfa"
)

// failing stands for the *testing.T of a test, and keeps what it prints.
type failing struct{ printed strings.Builder }

func (f *failing) Errorf(format string, args ...any) { fmt.Fprintf(&f.printed, format, args...) }

// With testify, compare by Equal, or reveal on purpose. assert.Equal of two secrets
// fails although their text is the same, unless one is a copy of the other.
func Example_testify() {
	var t failing
	want, got := mfa.NewSecret("eyJhbGciOi"), mfa.NewSecret("eyJhbGciOi")

	fmt.Println(assert.True(&t, got.Equal(want)))
	fmt.Println(assert.Equal(&t, "eyJhbGciOi", got.Reveal())) // a failure would print it
	fmt.Println(assert.Equal(&t, mfa.Token{AccessToken: want, TokenType: "Bearer"}, mfa.Token{AccessToken: got, TokenType: "Bearer"}))
	fmt.Println("the failure shows it:", strings.Contains(t.printed.String(), "eyJ"))
	// Output:
	// true
	// true
	// false
	// the failure shows it: false
}

// verifier is what the code under test needs of a *mfa.Client.
type verifier interface {
	VerifyOOB(ctx context.Context, req mfa.VerifyOOBRequest) (*mfa.Token, error)
}

// mockVerifier is a mock of it.
type mockVerifier struct{ mock.Mock }

func (m *mockVerifier) VerifyOOB(ctx context.Context, req mfa.VerifyOOBRequest) (*mfa.Token, error) {
	args := m.Called(ctx, req)
	token, _ := args.Get(0).(*mfa.Token)
	return token, args.Error(1)
}

// A mock finds its call by reflection as well: match requests by a func.
func Example_testifyMock() {
	m := new(mockVerifier)
	m.On("VerifyOOB", mock.Anything, mock.MatchedBy(func(req mfa.VerifyOOBRequest) bool {
		return req.BindingCode.Equal(mfa.NewSecret("123456"))
	})).Return(&mfa.Token{TokenType: "Bearer"}, nil)

	var client verifier = m
	token, err := client.VerifyOOB(context.Background(), mfa.VerifyOOBRequest{BindingCode: mfa.NewSecret("123456")})
	fmt.Println(token.TokenType, err)
	// Output:
	// Bearer <nil>
}

// go-cmp, and what builds on it, calls Equal by itself.
func Example_cmp() {
	want := mfa.Token{AccessToken: mfa.NewSecret("eyJhbGciOi"), TokenType: "Bearer"}
	same := mfa.Token{AccessToken: mfa.NewSecret("eyJhbGciOi"), TokenType: "Bearer"}
	other := mfa.Token{AccessToken: mfa.NewSecret("eyJ0eXAiOi"), TokenType: "Bearer"}

	fmt.Println(cmp.Equal(want, same), cmp.Equal(want, other))
	fmt.Println("the difference shows it:", strings.Contains(cmp.Diff(want, other), "eyJ"))
	// Output:
	// true false
	// the difference shows it: false
}
