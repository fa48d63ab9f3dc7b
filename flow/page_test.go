package flow_test

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

const (
	ada      = "ada@example.com"
	phone    = "+12025550142"
	password = "correct horse"
)

// page is a login page under test, in front of a tenant.
type page struct {
	*testing.T
	tenant *mfatest.Tenant
	client *mfa.Client
	flow   *flow.Flow
}

// newPage starts a tenant with the user, and a flow on the tenant's clock.
func newPage(t *testing.T, user mfatest.User, settings []mfatest.Option, opts ...flow.Option) *page {
	t.Helper()
	tenant := mfatest.NewTenant(settings...)
	t.Cleanup(tenant.Close)
	user.Email, user.Password = ada, password
	tenant.AddUser(user)
	client := tenant.Client()
	t.Cleanup(client.CloseIdleConnections)
	f, err := flow.New(client, append([]flow.Option{flow.WithClock(tenant.Now)}, opts...)...)
	require.NoError(t, err)
	return &page{t, tenant, client, f}
}

// inBubble runs a test in a bubble of testing/synctest: tenant, network and flow
// share its clock, and time.Sleep is how the test lets time pass.
func inBubble(t *testing.T, user mfatest.User, test func(t *testing.T, p *page)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t, newPage(t, user, []mfatest.Option{mfatest.WithMemoryNetwork(), mfatest.WithClock(time.Now)}, flow.WithClock(time.Now)))
	})
}

// login returns what a login fails with.
func (p *page) login() error {
	p.Helper()
	_, err := p.client.PasswordLogin(p.Context(), mfa.PasswordLoginRequest{Username: ada, Password: mfa.NewSecret(password), Scopes: []string{"openid"}})
	require.ErrorIs(p, err, mfa.ErrMFARequired)
	return err
}

// begin logs in and begins a step, which has to be in the state.
func (p *page) begin(state flow.State) *flow.Step {
	p.Helper()
	step, err := p.flow.Begin(p.Context(), p.login())
	require.NoError(p, err)
	require.Equal(p, state, step.State())
	return step
}

// code returns the newest code that was sent to the address.
func (p *page) code(address string) string {
	p.Helper()
	code, ok := p.tenant.LastCode(address)
	require.True(p, ok, "nothing was sent to %s", address)
	return code
}

// recoveryCode returns ada's recovery code.
func (p *page) recoveryCode() string {
	p.Helper()
	code, ok := p.tenant.RecoveryCode(ada)
	require.True(p, ok, "ada has no recovery code")
	return code
}

// wrong returns a code that is not the newest one.
func (p *page) wrong(address string) string {
	p.Helper()
	n, err := strconv.Atoi(p.code(address))
	require.NoError(p, err)
	return strconv.Itoa(100000 + (n+1)%900000)
}

func (p *page) submit(step *flow.Step, code string) error {
	p.Helper()
	return step.Submit(p.Context(), flow.Submission{Code: mfa.NewSecret(code)})
}

// done checks that the step ended with tokens.
func (p *page) done(step *flow.Step, err error) {
	p.Helper()
	require.NoError(p, err)
	require.Equal(p, flow.StateDone, step.State())
	require.NotNil(p, step.Token())
	assert.False(p, step.Token().AccessToken.IsZero())
	assert.True(p, flow.MFAToken(step).IsZero(), "nothing needs it any more")
}

// asked returns the operations that were asked of the tenant since the login.
func (p *page) asked() []string {
	var ops []string
	for _, r := range p.tenant.Requests() {
		if r.Op != "password login" {
			ops = append(ops, string(r.Op))
		}
	}
	return ops
}

// id returns the id of the step's authenticator of the factor.
func id(t *testing.T, step *flow.Step, factor mfa.Factor) string {
	t.Helper()
	for _, a := range step.Authenticators() {
		if a.Factor() == factor {
			return a.ID
		}
	}
	require.Fail(t, "no authenticator", factor)
	return ""
}

// withActive returns a user with active authenticators of the factors.
func withActive(factors ...mfa.Factor) mfatest.User {
	var u mfatest.User
	for _, factor := range factors {
		a := mfatest.Authenticator{Factor: factor, Active: true}
		if factor == mfa.FactorSMS || factor == mfa.FactorVoice {
			a.Address = phone
		}
		u.Authenticators = append(u.Authenticators, a)
	}
	return u
}

// cooldown checks that the call was refused until the time.
func cooldown(t *testing.T, err error, until time.Time) {
	t.Helper()
	var early *flow.CooldownError
	require.ErrorAs(t, err, &early)
	assert.True(t, until.Equal(early.ResendAt), "%s is not %s", early.ResendAt, until)
	assert.Equal(t, mfa.ActionWait, mfa.NextAction(err))
}

// ms is the precision of a step's clocks.
func ms(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
