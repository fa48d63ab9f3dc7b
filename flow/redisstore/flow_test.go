package redisstore_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/flow/redisstore"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// onRedis makes the site's own process one that uses the client.
func onRedis(t *testing.T, client *redis.Client) (s *site, heard *atomic.Int32) {
	t.Helper()
	tenant := mfatest.NewTenant(mfatest.WithClock(time.Now))
	t.Cleanup(tenant.Close)
	heard = new(atomic.Int32)
	f, err := flow.New(tenant.Client(), flow.WithStore(redisstore.New(client), storeKey),
		flow.WithStoreErrors(func(context.Context, error) { heard.Add(1) }))
	require.NoError(t, err)
	s = &site{t: t, tenant: tenant, flow: tenant.Flow(aMinuteAgo)}
	s.begins, err = s.flow.NewSealer(sealKey)
	require.NoError(t, err)
	s.sealer, err = f.NewSealer(sealKey)
	require.NoError(t, err)
	return s, heard
}

// twice posts the form from two tabs at the same moment.
func (s *site) twice(c click) (pages [2]page) {
	var both sync.WaitGroup
	for i := range pages {
		both.Go(func() { pages[i] = c.post(s.sealer) })
	}
	both.Wait()
	return pages
}

// Whatever becomes of the replies to a claim, of two clicks one makes the request, and both
// get its result.
func TestFlow_makesOneRequest_whenRepliesAreLost(t *testing.T) {
	t.Parallel()
	const claim, look, result = "nx", "get", "set"
	for name, faults := range map[string][]wiretest.RedisFault{
		"the claim's":                   {{Command: claim, Times: 1, DropReply: true}},
		"both claims'":                  {{Command: claim, Times: 2, DropReply: true}},
		"the claim's and the look's":    {{Command: claim, Times: 1, DropReply: true}, {Command: look, Times: 1, DropReply: true}},
		"the result's":                  {{Command: result, Times: 1, DropReply: true}},
		"claims that do not arrive":     {{Command: claim, Times: 2, DropRequest: true}},
		"every second of all":           {{Times: 1, DropReply: true}, {Times: 1, DropRequest: true}, {Times: 1, DropReply: true}},
		"slow ones":                     {{Command: claim, Times: 2, Delay: 100 * time.Millisecond}},
		"a claim's past the time limit": {{Command: claim, Times: 1, Delay: 4 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := wiretest.NewRedisProxy(t, wiretest.StartRedis(t))
			client := connect(t, "tcp", proxy.Addr)
			require.NoError(t, client.Ping(t.Context()).Err())
			s, _ := onRedis(t, client)
			c := s.form(verbs[0])
			for _, fault := range faults {
				proxy.Fail(fault)
			}

			pages := s.twice(c)

			assert.Equal(t, 1, s.counts(mfa.OpVerifyOOB).requests)
			for _, got := range pages {
				assert.Empty(t, got.Problem)
				assert.NotEmpty(t, got.Token)
			}
		})
	}
}

// Without a repeat by go-redis the caller hears of the lost reply, and looks by itself.
func TestFlow_makesOneRequest_withoutRetriesOfTheClient(t *testing.T) {
	t.Parallel()
	proxy := wiretest.NewRedisProxy(t, wiretest.StartRedis(t))
	client := connect(t, "tcp", proxy.Addr, noRetries)
	require.NoError(t, client.Ping(t.Context()).Err())
	s, heard := onRedis(t, client)
	c := s.form(verbs[0])
	proxy.Fail(wiretest.RedisFault{Command: "nx", Times: 1, DropReply: true})

	pages := s.twice(c)

	assert.Equal(t, 1, s.counts(mfa.OpVerifyOOB).requests)
	assert.Equal(t, int32(1), heard.Load())
	for _, got := range pages {
		assert.Empty(t, got.Problem)
		assert.NotEmpty(t, got.Token)
	}
}

// When nobody can tell who has the claim, nothing is sent.
func TestFlow_sendsNothing_whenTheClaimIsUnclear(t *testing.T) {
	t.Parallel()
	proxy := wiretest.NewRedisProxy(t, wiretest.StartRedis(t))
	client := connect(t, "tcp", proxy.Addr, noRetries)
	require.NoError(t, client.Ping(t.Context()).Err())
	s, heard := onRedis(t, client)
	c := s.form(verbs[0])
	proxy.Fail(wiretest.RedisFault{Command: "nx", Times: -1, Delay: time.Hour})
	proxy.Fail(wiretest.RedisFault{Command: "get", Times: -1, Delay: time.Hour})

	pages := s.twice(c)

	assert.Zero(t, s.counts(mfa.OpVerifyOOB).requests)
	assert.Positive(t, heard.Load())
	for _, got := range pages {
		assert.NotEmpty(t, got.Problem)
		assert.Equal(t, mfa.ActionRetryLater.String(), got.Action)
		assert.NotEmpty(t, got.Sealed)
	}
}

// A Redis that is down stops no login. Two clicks are two requests then.
func TestFlow_goesOnWithoutRedis(t *testing.T) {
	t.Parallel()
	server := wiretest.StartRedis(t)
	client := connect(t, "unix", server.Socket, noRetries)
	s, heard := onRedis(t, client)
	c := s.form(verbs[1])
	server.End()

	pages := s.twice(c)

	assert.Equal(t, 2, s.counts(mfa.OpChallenge).requests-1, "beside that of Begin")
	assert.Positive(t, heard.Load())
	for _, got := range pages {
		assert.Empty(t, got.Problem)
		assert.NotEmpty(t, got.Sealed)
	}
}

// A call that nobody contends takes two commands: the claim, and its result.
func TestFlow_sendsTwoCommands(t *testing.T) {
	t.Parallel()
	client := connect(t, "unix", wiretest.StartRedis(t).Socket)
	require.NoError(t, client.Ping(t.Context()).Err())
	count := new(commands)
	client.AddHook(count)
	s, heard := onRedis(t, client)
	for _, v := range verbs {
		c := s.form(v)
		count.sent.Store(0)
		got := c.post(s.sealer)
		require.Empty(t, got.Problem)
		assert.Equal(t, int32(2), count.sent.Load(), v.name)
	}
	assert.Zero(t, heard.Load())
}

// spy keeps all that goes to Redis and comes from it.
type spy struct {
	redis.Hook

	mu  sync.Mutex
	all strings.Builder
}

func (*spy) DialHook(next redis.DialHook) redis.DialHook { return next }

func (*spy) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (s *spy) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		s.mu.Lock()
		defer s.mu.Unlock()
		fmt.Fprintln(&s.all, cmd.String())
		for _, arg := range cmd.Args() {
			if b, ok := arg.([]byte); ok {
				fmt.Fprintln(&s.all, string(b))
			} else {
				fmt.Fprintln(&s.all, arg)
			}
		}
		return err
	}
}

// Nobody who reads Redis learns a token, a code, an address or who signs in: not from what
// is in it after logins of every kind, and not from what went there meanwhile.
func TestFlow_keepsSecretsFromRedis(t *testing.T) {
	t.Parallel()
	server := wiretest.StartRedis(t)
	client := connect(t, "unix", server.Socket)
	eyes := new(spy)
	client.AddHook(eyes)
	s, heard := onRedis(t, client)
	secrets := map[string]string{
		"domain": strings.TrimPrefix(s.tenant.URL, "https://"), "client": s.tenant.ClientID, "client secret": s.tenant.ClientSecret,
		"session": string(session), "seal key": string(sealKey), "store key": string(storeKey), "authenticator": "email|dev_",
	}
	for i, v := range verbs[:4] {
		c := s.form(v)
		step, err := s.sealer.Open(c.Sealed, session)
		require.NoError(t, err)
		address := fmt.Sprintf("user%d@example.com", s.users)
		secrets[v.name+" address"], secrets[v.name+" user"], secrets[v.name+" seal"] = address, fmt.Sprintf("user%d", s.users), c.Sealed
		switch v.name {
		case "submit":
			err = step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret(c.Code)})
		case "resend":
			err = step.Resend(t.Context())
		case "choose":
			err = step.Choose(t.Context(), c.Choice)
		case "enroll":
			err = step.Enroll(t.Context(), flow.Enrollment{Email: address})
		}
		require.NoError(t, err)
		if step.State() == flow.StateEnterCode {
			sealed, err := s.sealer.Seal(step, session)
			require.NoError(t, err)
			step, err = s.sealer.Open(sealed, session)
			require.NoError(t, err)
			inbox := s.tenant.Messages()
			c.Code = inbox[len(inbox)-1].Code
			require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret(c.Code)}))
		}
		token := step.Token()
		require.NotNil(t, token)
		for name, secret := range map[string]mfa.Secret{"access token": token.AccessToken, "ID token": token.IDToken, "refresh token": token.RefreshToken} {
			secrets[fmt.Sprint(name, i)] = secret.Reveal()
		}
		for n, code := range step.RecoveryCodes() {
			secrets[fmt.Sprint("recovery code", i, n)] = code.Reveal()
		}
	}
	for i, request := range s.tenant.Requests() {
		if request.Op != mfa.OpVerifyOOB {
			continue
		}
		form, err := url.ParseQuery(string(request.Body))
		require.NoError(t, err)
		for _, name := range []string{"mfa_token", "oob_code", "binding_code"} {
			require.NotEmpty(t, form.Get(name))
			secrets[fmt.Sprint(name, i)] = form.Get(name)
		}
	}

	dump := eyes.all.String()
	keys, err := client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	assert.Greater(t, len(keys), 10)
	for _, key := range keys {
		value, err := client.Get(t.Context(), key).Result()
		require.NoError(t, err)
		require.NotEmpty(t, value)
		dump += key + "\n" + value + "\n"
		left, err := client.TTL(t.Context(), key).Result()
		require.NoError(t, err)
		assert.Positive(t, left, "it stays for ever")
	}
	for name, secret := range secrets {
		if secret == "" {
			continue
		}
		for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)), hex.EncodeToString([]byte(secret))} {
			if len(form) > 6 { // a code can be anywhere in a long text of digits and letters
				assert.False(t, strings.Contains(dump, form), name)
			}
		}
	}
	assert.Zero(t, heard.Load())
}
