// Where the library and the API disagree; ../README.md says who is right. A
// case that fails here means that one of them has changed.
import assert from 'node:assert/strict';
import { isMfaRequiredError } from '@auth0/auth0-auth-js';
import { challenge, enrollEmail, refused, tenant, test } from './client.mjs';

test('difference: a list does not tell the channel', async () => {
  const user = await tenant.user({ verified: true });
  const [email] = await tenant.client().mfa.listAuthenticators({ mfaToken: await user.mfaToken() });
  assert.equal(email.oobChannels, undefined);
  assert.equal('oobChannel' in email, false);
});

test('difference: an enrollment has no id', async () => {
  const user = await tenant.user();
  const enrollment = await enrollEmail(tenant.client().mfa, await user.mfaToken());
  assert.equal(enrollment.id, undefined);
});

test('difference: an mfa_token does not delete', async () => {
  const user = await tenant.user({ factors: ['email'] });
  const { mfa } = tenant.client();
  const mfaToken = await user.mfaToken();
  const [email] = await mfa.listAuthenticators({ mfaToken });
  await refused(
    mfa.deleteAuthenticator({ authenticatorId: email.id, mfaToken }),
    'MfaDeleteAuthenticatorError', 401, 'invalid_grant', 'The mfa_token provided is invalid. Try getting a new token.');
});

test('difference: the mfa_token of the next factor is lost', async () => {
  const user = await tenant.user({ factors: ['otp'] });
  const error = await refused(
    tenant.client().mfa.verify({ factorType: 'otp', mfaToken: await user.mfaToken(), otp: await tenant.otp(user) }),
    'MfaVerifyError', 403, 'mfa_required', 'Multifactor authentication required');
  assert.equal(error.cause.mfa_token, undefined);
  assert.equal(isMfaRequiredError(error), false);
}, 'chained');

test('difference: a public client cannot verify', async () => {
  const user = await tenant.user({ verified: true });
  const { mfa } = tenant.client();
  const mfaToken = await user.mfaToken();
  const { oobCode } = await challenge(mfa, mfaToken);
  const bindingCode = await tenant.code(user.email);
  await assert.rejects(mfa.verify({ factorType: 'oob', mfaToken, oobCode, bindingCode }), { name: 'MissingClientAuthError' });
  assert.equal(await tenant.request('verify oob'), null);
}, 'public');

test('difference: a client with a key verifies but does not challenge', async () => {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const { privateKey } = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const { mfa } = tenant.client({ clientSecret: undefined, clientAssertionSigningKey: privateKey });
  const user = await tenant.user({ verified: true, factors: ['otp'] });
  const mfaToken = await user.mfaToken();
  await refused(challenge(mfa, mfaToken), 'MfaChallengeError', 401, 'access_denied', 'Unauthorized');
  assert.equal('client_assertion' in JSON.parse((await tenant.request('challenge')).body), false);
  const token = await mfa.verify({ factorType: 'otp', mfaToken, otp: await tenant.otp(user) });
  assert.ok(token.accessToken);
}, 'assertion');

test('difference: a realm goes with the password grant', async () => {
  const user = await tenant.user();
  const error = await tenant.client()
    .getTokenByPassword({ username: user.email, password: user.password, realm: 'employees' })
    .catch((error) => error);
  assert.ok(isMfaRequiredError(error));
  const sent = new URLSearchParams((await tenant.request('password login')).body);
  assert.deepEqual([sent.get('grant_type'), sent.get('realm')], ['password', 'employees']);
});

test('difference: codes of its own for responses that are not JSON', async () => {
  const user = await tenant.user({ verified: true, factors: ['otp'] });
  const { mfa } = tenant.client();
  const mfaToken = await user.mfaToken();
  const page = { Status: 502, Body: '<html>Bad Gateway</html>', Header: { 'Content-Type': ['text/html'] } };
  await tenant.fail({ Op: 'list authenticators', ...page });
  const error = await refused(
    mfa.listAuthenticators({ mfaToken }), 'MfaListAuthenticatorsError', 502, 'unknown_error', 'Failed to list authenticators');
  assert.equal(error.body, page.Body);
  await tenant.fail({ Op: 'verify otp', ...page });
  await refused(
    mfa.verify({ factorType: 'otp', mfaToken, otp: await tenant.otp(user) }),
    'MfaVerifyError', undefined, 'mfa_verify_error', 'unexpected HTTP response status code');
});
