// The scenes of a login, for libraries that know OAuth and OpenID Connect but not
// Auth0's MFA API. Such a library makes the grants, and calls the API as it calls
// any resource with a bearer token.
import assert from 'node:assert/strict';
import { settings, tenant, test, wrong } from './harness.mjs';

export const grants = {
  password: 'password',
  refresh: 'refresh_token',
  oob: 'http://auth0.com/oauth/grant-type/mfa-oob',
  otp: 'http://auth0.com/oauth/grant-type/mfa-otp',
  recovery: 'http://auth0.com/oauth/grant-type/mfa-recovery-code',
};

/** Runs what must be refused; the body is what the library hands on of the response. */
export async function refused(promise, status, error, description) {
  const refusal = await promise.then(
    () => assert.fail(`not refused: ${error}`),
    (thrown) => thrown,
  );
  const { body } = refusal;
  assert.deepEqual([refusal.status, body?.error, body?.error_description], [status, error, description], refusal.stack);
  return body;
}

/**
 * Registers the scenes. grant(type, parameters) resolves to the tokens, with the
 * verified claims of an id token, or rejects with { status, body }.
 * call(method, path, token, body) resolves to { status, body } of any response.
 */
export function scenes({ grant, call }) {
  const login = (user, more) => grant(grants.password, { username: user.email, password: user.password, scope: 'openid', ...more });

  /** Logs in and returns the mfa_token. */
  async function start(user, more) {
    const body = await refused(login(user, more), 403, 'mfa_required', 'Multifactor authentication required');
    assert.match(body.mfa_token, /^Fe26\.2\*/);
    return body.mfa_token;
  }

  async function api(method, path, token, body) {
    const response = await call(method, path, token, body);
    assert.ok([200, 204].includes(response.status), JSON.stringify(response));
    return response.body;
  }

  /** A challenge authenticates the client in its body. */
  const challenge = (mfaToken, id) =>
    api('POST', '/mfa/challenge', mfaToken, {
      mfa_token: mfaToken, client_id: settings.clientId, client_secret: settings.clientSecret, challenge_type: 'oob', authenticator_id: id,
    });

  /** Challenges the e-mail address and returns what verifies it. */
  async function sent(user, mfaToken) {
    const all = await api('GET', '/mfa/authenticators', mfaToken);
    const { id } = all.find((a) => a.active && a.oob_channel === 'email');
    const { oob_code } = await challenge(mfaToken, id);
    return { mfa_token: mfaToken, oob_code, binding_code: await tenant.code(user.email) };
  }

  function assertTokens(token) {
    assert.ok(token.access_token);
    assert.match(token.claims.sub, /^auth0\|/);
    assert.deepEqual(token.claims.amr, ['mfa']);
    assert.equal(token.claims.iss, `${tenant.url}/`);
  }

  test('login: wrong password', async () => {
    const user = { ...(await tenant.user()), password: 'wrong' };
    await refused(login(user), 403, 'invalid_grant', 'Wrong email or password.');
  });

  test('login: without a second factor', async () => {
    const token = await login(await tenant.user());
    assert.ok(token.access_token);
    assert.equal(token.claims.amr, undefined);
  }, 'optional');

  test('mfa_required: with a token', async () => {
    await start(await tenant.user());
  });

  test('mfa_required: with requirements', async () => {
    const body = await refused(login(await tenant.user({ verified: true })), 403, 'mfa_required', 'Multifactor authentication required');
    assert.deepEqual(body.mfa_requirements, { challenge: [{ type: 'email' }] });
  }, 'flexible');

  test('list: every kind of authenticator', async () => {
    const user = await tenant.user({ verified: true, recovery: true, factors: ['otp', 'push'] });
    const all = await api('GET', '/mfa/authenticators', await start(user));
    assert.deepEqual(all.map((a) => [a.id.split('|')[0], a.authenticator_type, a.oob_channel, a.active]), [
      ['email', 'oob', 'email', true], ['totp', 'otp', undefined, true], ['push', 'oob', 'auth0', true],
      ['recovery-code', 'recovery-code', undefined, true],
    ]);
  });

  test('list: without a token', async () => {
    const { status, body } = await call('GET', '/mfa/authenticators', 'malformed');
    assert.deepEqual([status, body], [
      401, { error: 'invalid_grant', error_description: 'The mfa_token provided is invalid. Try getting a new token.' },
    ]);
  });

  test('enroll: an e-mail address, then verify', async () => {
    const user = await tenant.user();
    const mfaToken = await start(user);
    const { oob_code, ...rest } = await api('POST', '/mfa/associate', mfaToken, { authenticator_types: ['oob'], oob_channels: ['email'] });
    assert.match(rest.recovery_codes[0], /^[A-Z0-9]{24}$/);
    delete rest.recovery_codes;
    assert.deepEqual(rest, { authenticator_type: 'oob', oob_channel: 'email', binding_method: 'prompt' });
    assertTokens(await grant(grants.oob, { mfa_token: mfaToken, oob_code, binding_code: await tenant.code(user.email) }));
    const again = await call('POST', '/mfa/associate', await start(user), { authenticator_types: ['oob'], oob_channels: ['email'] });
    assert.deepEqual([again.status, again.body.error_description], [403, 'User is already enrolled.']);
  });

  test('challenge: an e-mail address, then verify', async () => {
    const user = await tenant.user({ verified: true });
    assertTokens(await grant(grants.oob, await sent(user, await start(user))));
  });

  test('challenge: an authenticator of nobody', async () => {
    const mfaToken = await start(await tenant.user({ verified: true }));
    const { status, body } = await call('POST', '/mfa/challenge', mfaToken, {
      mfa_token: mfaToken, client_id: settings.clientId, client_secret: settings.clientSecret, authenticator_id: 'email|dev_0000000000000000',
    });
    assert.deepEqual([status, body.error], [400, 'invalid_authenticator']);
  });

  test('wrong code: then the right one, then it again', async () => {
    const user = await tenant.user({ verified: true });
    const code = await sent(user, await start(user));
    const mistyped = { ...code, binding_code: wrong(code.binding_code) };
    await refused(grant(grants.oob, mistyped), 403, 'invalid_grant', 'Invalid binding_code.');
    assertTokens(await grant(grants.oob, code));
    await refused(grant(grants.oob, code), 403, 'invalid_grant', 'Invalid binding_code.');
  });

  test('recovery code: which is replaced', async () => {
    const user = await tenant.user({ recovery: true, factors: ['otp'] });
    const used = await tenant.recovery(user);
    const mfa_token = await start(user);
    await refused(grant(grants.recovery, { mfa_token, recovery_code: 'A'.repeat(24) }), 403, 'invalid_grant', 'MFA Authorization rejected.');
    const token = await grant(grants.recovery, { mfa_token, recovery_code: used });
    assertTokens(token);
    assert.equal(token.recovery_code, await tenant.recovery(user));
    assert.notEqual(token.recovery_code, used);
  });

  test('OTP: enroll, then verify', async () => {
    const user = await tenant.user();
    const mfa_token = await start(user);
    const { secret, barcode_uri } = await api('POST', '/mfa/associate', mfa_token, { authenticator_types: ['otp'] });
    assert.equal(new URL(barcode_uri).searchParams.get('secret'), secret);
    await refused(grant(grants.otp, { mfa_token, otp: 'abcdef' }), 403, 'invalid_grant', 'Invalid otp_code.');
    assertTokens(await grant(grants.otp, { mfa_token, otp: await tenant.otp(user) }));
  });

  test('push: pending, then approved', async () => {
    const user = await tenant.user({ factors: ['push'] });
    const mfa_token = await start(user);
    const [push] = await api('GET', '/mfa/authenticators', mfa_token);
    const { oob_code } = await challenge(mfa_token, push.id);
    await refused(grant(grants.oob, { mfa_token, oob_code }), 400, 'authorization_pending',
      'Authorization pending: please repeat the request in a few seconds.');
    await tenant.push(user, true);
    assertTokens(await grant(grants.oob, { mfa_token, oob_code }));
  });

  test('refresh: then for the MFA API', async () => {
    const user = await tenant.user({ factors: ['otp'] });
    const otp = async (mfa_token) => grant(grants.otp, { mfa_token, otp: await tenant.otp(user) });
    const token = await otp(await start(user, { scope: 'openid offline_access' }));
    const refreshed = await grant(grants.refresh, { refresh_token: token.refresh_token });
    assert.notEqual(refreshed.access_token, token.access_token);
    const audience = `${tenant.url}/mfa/`;
    const { mfa_token } = await refused(
      grant(grants.refresh, { refresh_token: token.refresh_token, audience, scope: 'remove:authenticators' }),
      403, 'mfa_required', 'Multifactor authentication required');
    assert.equal((await otp(mfa_token)).scope, 'remove:authenticators');
  });

  test('delete: with an access token, not with an mfa_token', async () => {
    const user = await tenant.user({ factors: ['email', 'otp'] });
    const mfaToken = await start(user);
    const [{ id }] = await api('GET', '/mfa/authenticators', mfaToken);
    const path = `/mfa/authenticators/${encodeURIComponent(id)}`;
    assert.equal((await call('DELETE', path, mfaToken)).status, 401);
    assert.equal((await call('DELETE', path, await tenant.accessToken(user, 'remove:authenticators'))).status, 204);
    const left = await api('GET', '/mfa/authenticators', mfaToken);
    assert.deepEqual(left.map((a) => a.id.split('|')[0]), ['totp']);
  });

  test('difference: an error beside a WWW-Authenticate header has no code', async () => {
    const user = await tenant.user();
    const Body = JSON.stringify({ error: 'mfa_required', mfa_token: 'Fe26.2*' });
    await tenant.fail({ Op: 'password login', Status: 403, Header: { 'WWW-Authenticate': ['Bearer'] }, Body });
    const error = await login(user).catch((error) => error);
    assert.deepEqual([error.code, error.status, error.error], ['OAUTH_WWW_AUTHENTICATE_CHALLENGE', 403, undefined]);
  });
}

/** Registers one case for each way in which the library authenticates its client. */
export function authentications(ways, signIn) {
  for (const [way, { kind, sends }] of Object.entries(ways)) {
    test(`client authentication: ${way}`, async () => {
      const user = await tenant.user({ factors: ['otp'] });
      const body = await refused(
        signIn(way, grants.password, { username: user.email, password: user.password, scope: 'openid' }),
        403, 'mfa_required', 'Multifactor authentication required');
      const token = await signIn(way, grants.otp, { mfa_token: body.mfa_token, otp: await tenant.otp(user) });
      assert.ok(token.access_token);
      const request = await tenant.request('verify otp');
      const sent = [...new URLSearchParams(request.body).keys()].filter((name) => name.startsWith('client_'));
      assert.deepEqual([sent.sort(), request.authorization.split(' ')[0]], sends);
    }, kind);
  }
}
