package mfatest_test //nolint:testableexamples // a bubble needs a testing.T; TestWithMemoryNetwork_example runs it

import (
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-auth0-mfa/mfa/mfatest"
)

// The code expires while the user makes tea. The test takes no time.
func ExampleWithMemoryNetwork() {
	var t *testing.T // that of your test

	synctest.Test(t, teaTime)
}

func teaTime(t *testing.T) {
	tenant := mfatest.NewTenant(mfatest.WithMemoryNetwork(), mfatest.WithClock(time.Now))
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse"})
	page := &loginPage{client: tenant.Client()} // the code under test

	submit(page, "/password", url.Values{"email": {"ada@example.com"}, "password": {"correct horse"}})
	code, _ := tenant.LastCode("ada@example.com")
	time.Sleep(5 * time.Minute)
	if shown := submit(page, "/code", url.Values{"code": {code}}); shown != "AskAgain\n" {
		t.Error(shown)
	}
}
