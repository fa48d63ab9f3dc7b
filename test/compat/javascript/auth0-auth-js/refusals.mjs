// Every refusal arrives with Auth0's status, code and text.
import assert from 'node:assert/strict';
import { challenge, enrollEmail, other, refused, tenant, test, wrong } from './client.mjs';

const listError = 'MfaListAuthenticatorsError';
const enrollError = 'MfaEnrollmentError';
const challengeError = 'MfaChallengeError';
const deleteError = 'MfaDeleteAuthenticatorError';
const verifyError = 'MfaVerifyError';
const invalidBearer = 'The mfa_token provided is invalid. Try getting a new token.';

/** Sends a code by e-mail and returns what verifies it. */
async function sent(options = {}) {
  const user = await tenant.user({ verified: true, ...options });
  const { mfa } = tenant.client();
  const mfaToken = await user.mfaToken();
  const { oobCode } = await challenge(mfa, mfaToken);
  return { user, mfa, verification: { factorType: 'oob', mfaToken, oobCode, bindingCode: await tenant.code(user.email) } };
}

test('wrong e-mail code, then the right one, then it again', async () => {
  const { mfa, verification } = await sent();
  const mistyped = { ...verification, bindingCode: wrong(verification.bindingCode) };
  const error = await refused(mfa.verify(mistyped), verifyError, 403, 'invalid_grant', 'Invalid binding_code.');
  assert.equal(error.message, 'Invalid binding_code.');
  assert.equal(error.headers.get('x-ratelimit-limit'), '12');
  await mfa.verify(verification);
  await refused(mfa.verify(verification), verifyError, 403, 'invalid_grant', 'Invalid binding_code.');
});

test('code that is too old', async () => {
  const { mfa, verification } = await sent();
  await tenant.advance('5m');
  await refused(mfa.verify(verification), verifyError, 403, 'invalid_grant', 'Invalid binding_code.');
});

test('wrong one-time password', async () => {
  const user = await tenant.user({ factors: ['otp'] });
  const verification = { factorType: 'otp', mfaToken: await user.mfaToken(), otp: 'abcdef' };
  await refused(tenant.client().mfa.verify(verification), verifyError, 403, 'invalid_grant', 'Invalid otp_code.');
});

test('wrong recovery code', async () => {
  const user = await tenant.user({ recovery: true, factors: ['otp'] });
  const verification = { factorType: 'recovery-code', mfaToken: await user.mfaToken(), recoveryCode: 'A'.repeat(24) };
  await refused(tenant.client().mfa.verify(verification), verifyError, 403, 'invalid_grant', 'MFA Authorization rejected.');
});

test('no recovery code', async () => {
  const user = await tenant.user({ factors: ['otp'] });
  const verification = { factorType: 'recovery-code', mfaToken: await user.mfaToken(), recoveryCode: 'A'.repeat(24) };
  await refused(
    tenant.client().mfa.verify(verification),
    verifyError, 403, 'unsupported_challenge_type', 'User does not have a recovery-code.');
});

test('missing e-mail code', async () => {
  const { mfa, verification } = await sent();
  await refused(
    mfa.verify({ ...verification, bindingCode: undefined }),
    verifyError, 400, 'invalid_request', 'Missing required parameter: binding_code');
});

test('malformed mfa_token', async () => {
  const { mfa } = tenant.client();
  const mfaToken = 'malformed';
  await refused(mfa.listAuthenticators({ mfaToken }), listError, 401, 'invalid_grant', invalidBearer);
  await refused(enrollEmail(mfa, mfaToken), enrollError, 401, 'invalid_grant', invalidBearer);
  await refused(mfa.deleteAuthenticator({ authenticatorId: 'email|dev_x', mfaToken }), deleteError, 401, 'invalid_grant', invalidBearer);
  await refused(mfa.challengeAuthenticator({ challengeType: 'oob', mfaToken }), challengeError, 403, 'invalid_grant', 'Malformed mfa_token');
  await refused(mfa.verify({ factorType: 'otp', mfaToken, otp: '000000' }), verifyError, 403, 'invalid_grant', 'Malformed mfa_token');
});

test('access token instead of an mfa_token', async () => {
  const user = await tenant.user({ verified: true });
  const mfaToken = await tenant.accessToken(user, 'enroll');
  await refused(
    tenant.client().mfa.challengeAuthenticator({ challengeType: 'oob', mfaToken }),
    challengeError, 403, 'invalid_grant', 'Malformed mfa_token');
});

test('malformed oob_code', async () => {
  const { mfa, verification } = await sent();
  await refused(mfa.verify({ ...verification, oobCode: 'malformed' }), verifyError, 403, 'invalid_grant', 'Malformed oob_code');
});

test('oob_code of another login', async () => {
  const { mfa, user, verification } = await sent();
  await refused(
    mfa.verify({ ...verification, mfaToken: await user.mfaToken() }),
    verifyError, 400, 'invalid_request', "The oob_code doesn't match the mfa_token");
});

test('expired mfa_token', async () => {
  const { mfa, verification } = await sent();
  const { mfaToken } = verification;
  await tenant.advance('10m');
  await refused(mfa.listAuthenticators({ mfaToken }), listError, 401, 'invalid_grant', invalidBearer);
  await refused(enrollEmail(mfa, mfaToken), enrollError, 401, 'invalid_grant', invalidBearer);
  await refused(mfa.challengeAuthenticator({ challengeType: 'oob', mfaToken }), challengeError, 403, 'expired_token', 'mfa_token is expired');
  await refused(mfa.verify(verification), verifyError, 403, 'expired_token', 'mfa_token is expired');
});

test('already enrolled', async () => {
  const user = await tenant.user({ factors: ['email'] });
  await refused(
    enrollEmail(tenant.client().mfa, await user.mfaToken()),
    enrollError, 403, 'access_denied', 'User is already enrolled.');
});

test('nothing enrolled', async () => {
  const user = await tenant.user();
  await refused(
    tenant.client().mfa.challengeAuthenticator({ challengeType: 'oob', mfaToken: await user.mfaToken() }),
    challengeError, 401, 'unsupported_challenge_type',
    'User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator.');
});

test('unknown authenticator', async () => {
  const user = await tenant.user({ factors: ['otp'] });
  const { mfa } = tenant.client();
  const authenticatorId = 'email|dev_0000000000000000';
  const error = await mfa
    .challengeAuthenticator({ challengeType: 'oob', authenticatorId, mfaToken: await user.mfaToken() })
    .catch((error) => error);
  assert.deepEqual([error.name, error.statusCode, error.cause?.error], [challengeError, 400, 'invalid_authenticator']);
  const missing = await mfa
    .deleteAuthenticator({ authenticatorId, mfaToken: await tenant.accessToken(user, 'remove:authenticators') })
    .catch((error) => error);
  assert.deepEqual([missing.name, missing.statusCode], [deleteError, 404]);
});

test('wrong client secret', async () => {
  const user = await tenant.user({ verified: true });
  const { mfa } = tenant.client({ clientSecret: 'wrong' });
  const mfaToken = await user.mfaToken();
  await refused(challenge(mfa, mfaToken), challengeError, 401, 'access_denied', 'Unauthorized');
  await refused(mfa.verify({ factorType: 'otp', mfaToken, otp: '000000' }), verifyError, 401, 'access_denied', 'Unauthorized');
  assert.equal((await mfa.listAuthenticators({ mfaToken })).length, 1, 'a list needs no client');
});

test('unknown client', async () => {
  const user = await tenant.user({ verified: true });
  const { mfa } = tenant.client({ clientId: 'unknown' });
  await refused(challenge(mfa, await user.mfaToken()), challengeError, 401, 'invalid_client', 'Unknown client.');
});

test('mfa_token of another client', async () => {
  const { mfa, verification } = await sent();
  const { mfa: stranger } = tenant.client(other);
  await refused(stranger.verify(verification), verifyError, 400, 'invalid_request', 'mfa_token not issued to this client');
  await mfa.verify(verification);
});

test('access token without the scope', async () => {
  const user = await tenant.user({ verified: true });
  const mfaToken = await tenant.accessToken(user, 'enroll');
  const error = await tenant.client().mfa.listAuthenticators({ mfaToken }).catch((error) => error);
  assert.deepEqual([error.name, error.statusCode, error.cause?.error], [listError, 403, 'insufficient_scope']);
});

test('MFA grant switched off', async () => {
  const user = await tenant.user({ factors: ['otp'] });
  await refused(
    tenant.client().mfa.verify({ factorType: 'otp', mfaToken: await user.mfaToken(), otp: await tenant.otp(user) }),
    verifyError, 403, 'unauthorized_client',
    "Grant type 'http://auth0.com/oauth/grant-type/mfa-otp' not allowed for the client.");
}, 'grantless');

test('too many wrong codes', async () => {
  const { mfa, verification } = await sent();
  const mistyped = { ...verification, bindingCode: wrong(verification.bindingCode) };
  for (let i = 0; i < 10; i++) {
    await refused(mfa.verify(mistyped), verifyError, 403, 'invalid_grant', 'Invalid binding_code.');
  }
  await refused(
    mfa.verify(verification),
    verifyError, 400, 'invalid_request', 'Too many failed codes. Wait for some minutes before retrying.');
});

test('too many verifications', async () => {
  const { mfa, verification } = await sent();
  for (let i = 0; i < 12; i++) await mfa.verify({ ...verification, oobCode: `malformed${i}` }).catch(() => {});
  const error = await refused(
    mfa.verify(verification),
    verifyError, 429, 'too_many_requests', 'Too many requests. Check the X-RateLimit-* headers.');
  assert.equal(error.headers.get('retry-after'), '5');
});

test('too many e-mails', async () => {
  const user = await tenant.user({ verified: true });
  const { mfa } = tenant.client();
  const mfaToken = await user.mfaToken();
  for (let i = 0; i < 20; i++) await challenge(mfa, mfaToken);
  const error = await challenge(mfa, mfaToken).catch((error) => error);
  assert.deepEqual([error.name, error.statusCode, error.cause?.error], [challengeError, 400, 'invalid_request']);
  assert.match(error.message, /^Too many .* sent by the user\. Wait for some minutes before retrying\.$/);
});

test('invalid phone number', async () => {
  const user = await tenant.user();
  const enrollment = { authenticatorTypes: ['oob'], oobChannels: ['sms'], phoneNumber: '12', mfaToken: await user.mfaToken() };
  await refused(tenant.client().mfa.enrollAuthenticator(enrollment), enrollError, 400, 'invalid_request', 'The phone number is invalid.');
});

test('push notification: pending, polled too fast, rejected', async () => {
  const user = await tenant.user({ factors: ['push'] });
  const { mfa } = tenant.client();
  const mfaToken = await user.mfaToken();
  const { oobCode } = await challenge(mfa, mfaToken, 'push|');
  const poll = () => mfa.verify({ factorType: 'oob', mfaToken, oobCode });
  await refused(poll(), verifyError, 400, 'authorization_pending', 'Authorization pending: please repeat the request in a few seconds.');
  const error = await poll().catch((error) => error);
  assert.deepEqual([error.name, error.statusCode, error.cause?.error], [verifyError, 429, 'slow_down']);
  await tenant.push(user, false);
  await refused(poll(), verifyError, 400, 'access_denied', 'MFA Authorization rejected.');
});

test('mail provider down', async () => {
  const user = await tenant.user({ verified: true });
  const body = JSON.stringify({ error: 'bad_gateway', error_description: 'Error sending email.' });
  await tenant.fail({ Op: 'challenge', Status: 502, Body: body });
  await refused(
    challenge(tenant.client().mfa, await user.mfaToken()), challengeError, 502, 'bad_gateway', 'Error sending email.');
});
