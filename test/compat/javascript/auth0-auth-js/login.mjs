// The way into MFA, and the way to an access token of the MFA API.
import assert from 'node:assert/strict';
import { isMfaRequiredError } from '@auth0/auth0-auth-js';
import { refused, tenant, test } from './client.mjs';

const required = 'Multifactor authentication required';

const login = (user, options) =>
  tenant.client().getTokenByPassword({ username: user.email, password: user.password, ...options });

test('discovery: the issuer is the one the library expects', async () => {
  const metadata = await tenant.client().getServerMetadata();
  assert.equal(metadata.issuer, `${tenant.url}/`);
  assert.equal(metadata.token_endpoint, `${tenant.url}/oauth/token`);
});

test('login: mfa_required with a token', async () => {
  const user = await tenant.user();
  const error = await refused(login(user, { scope: 'openid' }), 'TokenByPasswordError', 403, 'mfa_required', required);
  assert.ok(isMfaRequiredError(error));
  assert.match(error.cause.mfa_token, /^Fe26\.2\*/);
  assert.equal(error.cause.mfa_requirements, undefined);
  assert.deepEqual(await tenant.client().mfa.listAuthenticators({ mfaToken: error.cause.mfa_token }), []);
});

test('login: mfa_required with requirements', async () => {
  const enrolled = await tenant.user({ verified: true, factors: ['otp'] });
  let error = await refused(login(enrolled), 'TokenByPasswordError', 403, 'mfa_required', required);
  assert.deepEqual(error.cause.mfa_requirements, { challenge: [{ type: 'email' }, { type: 'otp' }] });
  error = await refused(login(await tenant.user()), 'TokenByPasswordError', 403, 'mfa_required', required);
  assert.deepEqual(error.cause.mfa_requirements, {
    enroll: [{ type: 'otp' }, { type: 'push-notification' }, { type: 'phone' }],
  });
}, 'flexible');

test('login: mfa_required without a token', async () => {
  const user = await tenant.user();
  const error = await refused(login(user), 'TokenByPasswordError', 403, 'mfa_required', required);
  assert.equal(error.cause.mfa_token, undefined);
  assert.equal(isMfaRequiredError(error), false);
}, 'tokenless');

test('login: wrong password', async () => {
  const user = { ...(await tenant.user()), password: 'wrong' };
  await refused(login(user), 'TokenByPasswordError', 403, 'invalid_grant', 'Wrong email or password.');
});

test('login: access token of the MFA API for a user with e-mail only', async () => {
  const user = await tenant.user({ factors: ['email'] });
  const token = await login(user, { audience: `${tenant.url}/mfa/`, scope: 'enroll read:authenticators' });
  assert.equal(token.scope, 'enroll read:authenticators');
  assert.equal((await tenant.client().mfa.listAuthenticators({ mfaToken: token.accessToken })).length, 1);
});

test('login: refresh token, and mfa_required out of it', async () => {
  const user = await tenant.user({ factors: ['otp'] });
  const client = tenant.client();
  const error = await refused(
    login(user, { scope: 'openid offline_access' }), 'TokenByPasswordError', 403, 'mfa_required', required);
  const token = await client.mfa.verify({
    factorType: 'otp', mfaToken: error.cause.mfa_token, otp: await tenant.otp(user),
  });
  const refreshed = await client.getTokenByRefreshToken({ refreshToken: token.refreshToken });
  assert.notEqual(refreshed.accessToken, token.accessToken);

  const again = await refused(
    client.getTokenByRefreshToken({ refreshToken: token.refreshToken, audience: `${tenant.url}/mfa/`, scope: 'remove:authenticators' }),
    'TokenByRefreshTokenError', 403, 'mfa_required', required);
  assert.ok(isMfaRequiredError(again));
  const stepUp = await client.mfa.verify({
    factorType: 'otp', mfaToken: again.cause.mfa_token, otp: await tenant.otp(user),
  });
  assert.equal(stepUp.scope, 'remove:authenticators');
});
