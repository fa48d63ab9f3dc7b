package opentelemetry_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/integrations/opentelemetry"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

const (
	email    = "ada@example.com"
	password = "correct horse"
)

// No span holds what was sent or received: not when all goes well, not when the
// server quotes it, and not when the transport does.
func TestSpans_secrets(t *testing.T) {
	// What a program sets for its own services, and otelhttp takes by default.
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
	for name, test := range map[string]struct {
		fault   mfatest.Fault
		quoting *quoting
		want    error
	}{
		"right code":   {},
		"lost reply":   {fault: mfatest.Fault{Op: mfa.OpVerifyOOB, Kind: mfatest.FaultDropReply}, want: mfa.ErrOutcomeUnknown},
		"cut off":      {fault: mfatest.Fault{Op: mfa.OpVerifyOOB, Kind: mfatest.FaultTruncate}, want: mfa.ErrOutcomeUnknown},
		"error quotes": {quoting: &quoting{}, want: mfa.ErrOutcomeUnknown},
		"body quotes":  {quoting: &quoting{body: true}, want: mfa.ErrOutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			tenant := mfatest.NewTenant()
			defer tenant.Close()
			tenant.AddUser(mfatest.User{Email: email, Password: password})
			base := tenant.HTTPClient().Transport
			if test.quoting != nil {
				test.quoting.base = base
				base = test.quoting
			}
			spans := tracetest.NewSpanRecorder()
			provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
			client := tenant.Client(opentelemetry.Options(base, provider)...)
			if test.fault.Op != "" {
				tenant.Fail(test.fault)
			}

			ctx, span := provider.Tracer("test").Start(t.Context(), "sign in")
			err := signIn(ctx, tenant, client)
			span.End()
			assert.ErrorIs(t, err, test.want)
			assert.Len(t, spans.Ended(), 4)
			all := text(spans.Ended())
			for _, request := range tenant.Requests() {
				assert.Empty(t, request.Header["Traceparent"])
				for _, secret := range secrets(request) {
					assert.False(t, strings.Contains(all, secret), "a secret of %v is in a span", request)
				}
			}
		})
	}
}

// An error without its text is still known for what it is.
func TestOptions_cause(t *testing.T) {
	tenant := mfatest.NewTenant()
	client := tenant.Client(opentelemetry.Options(tenant.HTTPClient().Transport, sdktrace.NewTracerProvider())...)
	tenant.Close()
	var e *mfa.Error
	var dial *net.OpError
	_, err := client.Associate(t.Context(), mfa.AssociateRequest{Token: mfa.NewSecret("Fe26")})
	require.ErrorAs(t, err, &e)
	assert.Equal(t, mfa.DeliveryNotSent, e.Delivery)
	assert.ErrorAs(t, err, &dial)
}

func signIn(ctx context.Context, tenant *mfatest.Tenant, client *mfa.Client) error {
	_, err := client.PasswordLogin(ctx, mfa.PasswordLoginRequest{Username: email, Password: mfa.NewSecret(password)})
	var required *mfa.RequiredError
	if !errors.As(err, &required) {
		return err
	}
	enrollment, err := client.Associate(ctx, mfa.AssociateRequest{Token: required.MFAToken})
	if err != nil {
		return err
	}
	code, _ := tenant.LastCode(email)
	_, err = client.VerifyOOB(ctx, mfa.VerifyOOBRequest{
		MFAToken: required.MFAToken, OOBCode: enrollment.OOBCode, BindingCode: mfa.NewSecret(code),
	})
	return err
}

// quoting is a transport whose error quotes the form of the request that
// verifies a code.
type quoting struct {
	base http.RoundTripper
	body bool // the error comes while the body is read
}

func (q *quoting) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil {
		return q.base.RoundTrip(req)
	}
	sent, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req = req.Clone(req.Context())
	req.Body = io.NopCloser(strings.NewReader(string(sent)))
	resp, err := q.base.RoundTrip(req)
	form, _ := url.ParseQuery(string(sent))
	switch {
	case err != nil || form.Get("binding_code") == "":
		return resp, err
	case q.body:
		resp.Body = broken{resp.Body, fmt.Errorf("malformed: %v", form)}
		return resp, nil
	default:
		_ = resp.Body.Close()
		return nil, fmt.Errorf("malformed: %v", form)
	}
}

type broken struct {
	io.Closer
	err error
}

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// secrets returns what a request holds that a span must not.
func secrets(request mfatest.Request) []string {
	var all []string
	if _, token, ok := strings.Cut(request.Header.Get("Authorization"), "Bearer "); ok {
		all = append(all, token)
	}
	form, _ := url.ParseQuery(string(request.Body))
	for _, name := range []string{"username", "password", "mfa_token", "oob_code", "binding_code", "client_secret"} {
		if value := form.Get(name); value != "" {
			all = append(all, value)
		}
	}
	return all
}

// text returns all that spans hold.
func text(spans []sdktrace.ReadOnlySpan) string {
	var b strings.Builder
	for _, span := range spans {
		fmt.Fprintln(&b, span.Name(), span.Status(), span.Attributes(), span.Events(), span.Links())
	}
	return b.String()
}
