package opentelemetry_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/integrations/opentelemetry"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func Example() {
	tenant := mfatest.NewTenant() // a tenant to try this against
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse", EmailVerified: true})

	spans := tracetest.NewSpanRecorder() // a real program exports them
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	client := tenant.Client(opentelemetry.Options(tenant.HTTPClient().Transport, provider)...)

	ctx, span := provider.Tracer("login page").Start(context.Background(), "password form")
	_, err := client.PasswordLogin(ctx, mfa.PasswordLoginRequest{
		Username: "ada@example.com", Password: mfa.NewSecret("correct horse"),
	})
	if required, ok := errors.AsType[*mfa.RequiredError](err); ok {
		_, err = client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: required.MFAToken})
	}
	span.End()
	if err != nil {
		fmt.Println(err)
		return
	}

	for _, span := range spans.Ended() {
		fmt.Println(span.Name())
		show(tenant, "  ", span.Attributes())
		for _, event := range span.Events() {
			fmt.Println(" ", event.Name)
			show(tenant, "    ", event.Attributes)
		}
	}
	// Output:
	// HTTP POST
	//   http.request.method=POST
	//   url.full=https://tenant/oauth/token
	//   server.address=127.0.0.1
	//   network.protocol.version=2.0
	//   http.response.status_code=403
	//   error.type=403
	// HTTP GET
	//   http.request.method=GET
	//   url.full=https://tenant/mfa/authenticators
	//   server.address=127.0.0.1
	//   network.protocol.version=2.0
	//   http.response.status_code=200
	// password form
	//   auth0 mfa call
	//     auth0.op=password login
	//     auth0.code=mfa_required
	//     auth0.delivery=answered
	//     auth0.request_id=
	//     auth0.attempt=1
	//     http.route=/oauth/token
	//     http.response.status_code=403
	//   auth0 mfa call
	//     auth0.op=list authenticators
	//     auth0.code=
	//     auth0.delivery=answered
	//     auth0.request_id=
	//     auth0.attempt=1
	//     http.route=/mfa/authenticators
	//     http.response.status_code=200
}

// show prints all attributes but the port, which is another each time.
func show(tenant *mfatest.Tenant, indent string, attributes []attribute.KeyValue) {
	for _, a := range attributes {
		if a.Key != "server.port" {
			fmt.Printf("%s%s=%s\n", indent, a.Key, strings.ReplaceAll(a.Value.String(), tenant.URL, "https://tenant"))
		}
	}
}
