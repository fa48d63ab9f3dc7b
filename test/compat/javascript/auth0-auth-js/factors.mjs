// The calls of the MFA client, where they succeed.
import assert from 'node:assert/strict';
import { challenge, enrollEmail, tenant, test } from './client.mjs';

const recoveryCode = /^[A-Z0-9]{24}$/;

/** Checks the tokens of a verification; the library has checked the id token's claims itself. */
function assertTokens(token) {
  assert.ok(token.accessToken);
  assert.equal(token.tokenType, 'bearer');
  assert.ok(token.expiresAt > Date.now() / 1000);
  assert.deepEqual(token.claims.amr, ['mfa']);
}

test('list: fields of every kind of authenticator', async () => {
  const user = await tenant.user({ verified: true, recovery: true, factors: ['otp', 'push'] });
  const all = await tenant.client().mfa.listAuthenticators({ mfaToken: await user.mfaToken() });
  assert.deepEqual(all.map(({ id, authenticatorType, active }) => [id.split('|')[0], authenticatorType, active]), [
    ['email', 'oob', true], ['totp', 'otp', true], ['push', 'oob', true], ['recovery-code', 'recovery-code', true],
  ]);
  assert.match(all[0].id, /^email\|dev_[A-Za-z0-9]{16}$/);
  assert.match(all[0].name, /^user\**@exam\*{7}$/);
});

test('list: type with flexible factors', async () => {
  const user = await tenant.user({ verified: true, factors: ['otp', 'push'] });
  const all = await tenant.client().mfa.listAuthenticators({ mfaToken: await user.mfaToken() });
  assert.deepEqual(all.map((a) => a.type), ['email', 'otp', 'push-notification']);
}, 'flexible');

test('enroll: own e-mail address, then verify', async () => {
  const user = await tenant.user();
  const { mfa } = tenant.client();
  const mfaToken = await user.mfaToken();
  const enrollment = await enrollEmail(mfa, mfaToken);
  assert.deepEqual(
    [enrollment.authenticatorType, enrollment.oobChannel, enrollment.bindingMethod], ['oob', 'email', 'prompt']);
  assert.equal(enrollment.recoveryCodes.length, 1);
  assert.match(enrollment.recoveryCodes[0], recoveryCode);
  assert.equal((await tenant.request('associate')).authorization, `Bearer ${mfaToken}`);

  const bindingCode = await tenant.code(user.email);
  assert.match(bindingCode, /^[0-9]{6}$/);
  assertTokens(await mfa.verify({ factorType: 'oob', mfaToken, oobCode: enrollment.oobCode, bindingCode }));
  assert.match((await tenant.request('verify oob')).contentType, /^application\/x-www-form-urlencoded/);
});

test('enroll: another e-mail address', async () => {
  const user = await tenant.user();
  const { mfa } = tenant.client();
  const mfaToken = await user.mfaToken();
  const { oobCode } = await enrollEmail(mfa, mfaToken, 'elsewhere@example.org');
  assert.deepEqual(await tenant.codes(user.email), []);
  const bindingCode = await tenant.code('elsewhere@example.org');
  assertTokens(await mfa.verify({ factorType: 'oob', mfaToken, oobCode, bindingCode }));
  const [email] = await mfa.listAuthenticators({ mfaToken });
  assert.deepEqual([email.active, email.name], [true, 'else*****@exam*******']);
});

test('enroll: one address more with an access token', async () => {
  const user = await tenant.user({ factors: ['email'] });
  const { mfa } = tenant.client();
  const mfaToken = await tenant.accessToken(user, 'enroll');
  const { oobCode } = await enrollEmail(mfa, mfaToken, 'second@example.org');
  const bindingCode = await tenant.code('second@example.org');
  await mfa.verify({ factorType: 'oob', mfaToken, oobCode, bindingCode });
  const all = await mfa.listAuthenticators({ mfaToken: await user.mfaToken() });
  assert.equal(all.filter((a) => a.active && a.id.startsWith('email|')).length, 2);
});

test('enroll: one-time password, then verify', async () => {
  const user = await tenant.user();
  const { mfa } = tenant.client();
  const mfaToken = await user.mfaToken();
  const enrollment = await mfa.enrollAuthenticator({ authenticatorTypes: ['otp'], mfaToken });
  assert.equal(enrollment.authenticatorType, 'otp');
  assert.match(enrollment.secret, /^[A-Z2-7]+$/);
  assert.equal(new URL(enrollment.barcodeUri).searchParams.get('secret'), enrollment.secret);
  assertTokens(await mfa.verify({ factorType: 'otp', mfaToken, otp: await tenant.otp(user) }));
});

test('enroll: text message and call', async () => {
  for (const channel of ['sms', 'voice']) {
    const user = await tenant.user();
    const { mfa } = tenant.client();
    const mfaToken = await user.mfaToken();
    const phoneNumber = `+1555010${channel === 'sms' ? '0001' : '0002'}`;
    const { oobChannel, oobCode } = await mfa.enrollAuthenticator({
      authenticatorTypes: ['oob'], oobChannels: [channel], phoneNumber, mfaToken,
    });
    assert.equal(oobChannel, channel);
    const bindingCode = await tenant.code(phoneNumber);
    assertTokens(await mfa.verify({ factorType: 'oob', mfaToken, oobCode, bindingCode }));
  }
});

test('enroll: push notification, then poll', async () => {
  const user = await tenant.user();
  const { mfa } = tenant.client();
  const mfaToken = await user.mfaToken();
  const enrollment = await mfa.enrollAuthenticator({ authenticatorTypes: ['oob'], oobChannels: ['auth0'], mfaToken });
  assert.deepEqual([enrollment.oobChannel, enrollment.bindingMethod], ['auth0', undefined]);
  assert.match(enrollment.barcodeUri, /^otpauth:/);
  await tenant.push(user, true);
  assertTokens(await mfa.verify({ factorType: 'oob', mfaToken, oobCode: enrollment.oobCode }));
});

test('challenge: e-mail, then verify', async () => {
  const user = await tenant.user({ verified: true });
  const { mfa } = tenant.client();
  const mfaToken = await user.mfaToken();
  const sent = await challenge(mfa, mfaToken);
  assert.deepEqual([sent.challengeType, sent.bindingMethod], ['oob', 'prompt']);
  const request = await tenant.request('challenge');
  assert.deepEqual([request.contentType, request.authorization], ['application/json', '']);
  const bindingCode = await tenant.code(user.email);
  assertTokens(await mfa.verify({ factorType: 'oob', mfaToken, oobCode: sent.oobCode, bindingCode }));
});

test('challenge: again, the newest code counts', async () => {
  const user = await tenant.user({ verified: true });
  const { mfa } = tenant.client();
  const mfaToken = await user.mfaToken();
  await challenge(mfa, mfaToken);
  const { oobCode } = await challenge(mfa, mfaToken);
  assert.equal((await tenant.codes(user.email)).length, 2);
  const bindingCode = await tenant.code(user.email);
  assertTokens(await mfa.verify({ factorType: 'oob', mfaToken, oobCode, bindingCode }));
});

test('challenge: one-time password, then verify', async () => {
  const user = await tenant.user({ factors: ['otp'] });
  const { mfa } = tenant.client();
  const mfaToken = await user.mfaToken();
  assert.deepEqual(await mfa.challengeAuthenticator({ challengeType: 'otp', mfaToken }), { challengeType: 'otp' });
  assertTokens(await mfa.verify({ factorType: 'otp', mfaToken, otp: await tenant.otp(user) }));
});

test('verify: recovery code, which is replaced', async () => {
  const user = await tenant.user({ recovery: true, factors: ['otp'] });
  const { mfa } = tenant.client();
  const used = await tenant.recovery(user);
  const token = await mfa.verify({ factorType: 'recovery-code', mfaToken: await user.mfaToken(), recoveryCode: used });
  assertTokens(token);
  assert.match(token.recoveryCode, recoveryCode);
  assert.notEqual(token.recoveryCode, used);
  assert.equal(await tenant.recovery(user), token.recoveryCode);
});

test('verify: full response', async () => {
  const user = await tenant.user({ factors: ['otp'] });
  const { data, response } = await tenant.client().mfa.verify({
    factorType: 'otp', mfaToken: await user.mfaToken(), otp: await tenant.otp(user), fullResponse: true,
  });
  assertTokens(data);
  assert.equal(response.status, 200);
});

test('delete: with an access token', async () => {
  const user = await tenant.user({ verified: true, factors: ['email', 'otp'] });
  const { mfa } = tenant.client();
  const [, email] = await mfa.listAuthenticators({ mfaToken: await user.mfaToken() });
  const mfaToken = await tenant.accessToken(user, 'remove:authenticators');
  assert.equal(await mfa.deleteAuthenticator({ authenticatorId: email.id, mfaToken }), undefined);
  const request = await tenant.request('delete authenticator');
  assert.deepEqual(
    [request.path, request.authorization],
    [`/mfa/authenticators/${email.id.replace('|', '%7C')}`, `Bearer ${mfaToken}`]);
  const left = await mfa.listAuthenticators({ mfaToken: await user.mfaToken() });
  assert.deepEqual(left.map((a) => a.id.split('|')[0]), ['email', 'totp']);
});
