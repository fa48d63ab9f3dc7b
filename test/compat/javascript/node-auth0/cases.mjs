// node-auth0: Auth0's older library. Its AuthenticationClient has no MFA calls, so it
// goes as far as a login, a refresh, and a grant whose body initOverrides replaces.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { AuthApiError, AuthenticationClient } from 'auth0/legacy';
import { settings, tenant, test } from '../harness.mjs';
import { authentications, grants, refused } from '../scenes.mjs';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const ways = { post: { clientSecret: settings.clientSecret }, assertion: { clientAssertionSigningKey: privateKey } };
const client = (way = 'post') =>
  new AuthenticationClient({ domain: new URL(settings.url).host, clientId: settings.clientId, ...ways[way] });

const decode = (idToken) => JSON.parse(Buffer.from(idToken.split('.')[1], 'base64url'));

/** Makes a grant and hands on what the library makes of the response. It has verified the id token. */
async function signIn(way, type, parameters) {
  const { oauth } = client(way);
  try {
    let response;
    if (type === grants.password) {
      response = await oauth.passwordGrant({ ...parameters });
    } else if (type === grants.refresh) {
      response = await oauth.refreshTokenGrant({ ...parameters });
    } else {
      // Any grant authenticates the client; what else the body has is replaced.
      response = await oauth.refreshTokenGrant({ refresh_token: '-' }, {
        initOverrides: async ({ init }) => {
          const body = new URLSearchParams(init.body);
          body.delete('refresh_token');
          for (const [name, value] of Object.entries({ ...parameters, grant_type: type })) body.set(name, value);
          return { ...init, body };
        },
      });
    }
    const { data } = response;
    return { ...data, claims: data.id_token && decode(data.id_token) };
  } catch (error) {
    if (!(error instanceof AuthApiError)) throw error;
    throw Object.assign(error, { status: error.statusCode, body: JSON.parse(error.body) });
  }
}

const login = (user, more) => signIn('post', grants.password, { username: user.email, password: user.password, scope: 'openid', ...more });
const required = 'Multifactor authentication required';

test('login: wrong password', async () => {
  const user = { ...(await tenant.user()), password: 'wrong' };
  await refused(login(user), 403, 'invalid_grant', 'Wrong email or password.');
});

test('login: without a second factor', async () => {
  const token = await login(await tenant.user());
  assert.ok(token.access_token);
  assert.equal(token.claims.iss, `${tenant.url}/`);
}, 'optional');

test('login: with a realm', async () => {
  await refused(login(await tenant.user(), { realm: 'employees' }), 403, 'mfa_required', required);
  const sent = new URLSearchParams((await tenant.request('password login')).body);
  assert.equal(sent.get('grant_type'), 'http://auth0.com/oauth/grant-type/password-realm');
});

test('mfa_required: the token is in the text of the body alone', async () => {
  const { oauth } = client();
  const user = await tenant.user();
  const error = await oauth.passwordGrant({ username: user.email, password: user.password }).catch((error) => error);
  assert.ok(error instanceof AuthApiError);
  assert.deepEqual([error.statusCode, error.error, error.error_description], [403, 'mfa_required', required]);
  assert.equal(error.mfa_token, undefined);
  assert.match(JSON.parse(error.body).mfa_token, /^Fe26\.2\*/);
});

test('OTP: verify', async () => {
  const user = await tenant.user({ factors: ['otp'] });
  const { mfa_token } = await refused(login(user), 403, 'mfa_required', required);
  await refused(signIn('post', grants.otp, { mfa_token, otp: 'abcdef' }), 403, 'invalid_grant', 'Invalid otp_code.');
  const token = await signIn('post', grants.otp, { mfa_token, otp: await tenant.otp(user) });
  assert.deepEqual(token.claims.amr, ['mfa']);
});

test('recovery code: which is replaced', async () => {
  const user = await tenant.user({ recovery: true, factors: ['otp'] });
  const { mfa_token } = await refused(login(user), 403, 'mfa_required', required);
  const token = await signIn('post', grants.recovery, { mfa_token, recovery_code: await tenant.recovery(user) });
  assert.equal(token.recovery_code, await tenant.recovery(user));
});

test('refresh: then for the MFA API', async () => {
  const user = await tenant.user({ factors: ['otp'] });
  const { mfa_token } = await refused(login(user, { scope: 'openid offline_access' }), 403, 'mfa_required', required);
  const token = await signIn('post', grants.otp, { mfa_token, otp: await tenant.otp(user) });
  const refreshed = await signIn('post', grants.refresh, { refresh_token: token.refresh_token });
  assert.notEqual(refreshed.access_token, token.access_token);
  await refused(
    signIn('post', grants.refresh, { refresh_token: token.refresh_token, audience: `${tenant.url}/mfa/` }), 403, 'mfa_required', required);
});

authentications({
  post: { kind: 'ordinary', sends: [['client_id', 'client_secret'], ''] },
  assertion: { kind: 'assertion', sends: [['client_assertion', 'client_assertion_type', 'client_id'], ''] },
}, signIn);

test('difference: a public client cannot sign in', async () => {
  const user = await tenant.user();
  await assert.rejects(
    login(user), { message: 'The client_secret or client_assertion field is required, or it should be mTLS request.' });
  assert.equal(await tenant.request('password login'), null);
}, 'public');

test('difference: the secret is written into the parameters of the caller', async () => {
  const user = await tenant.user();
  const parameters = { username: user.email, password: 'wrong' };
  await client().oauth.passwordGrant(parameters).catch(() => {});
  assert.equal(parameters.client_secret, settings.clientSecret);
});
