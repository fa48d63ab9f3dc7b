// How the cases call the library, and how a refusal must look.
import assert from 'node:assert/strict';
import { AuthClient } from '@auth0/auth0-auth-js';
import { settings, tenant as base } from '../harness.mjs';

export { test, wrong } from '../harness.mjs';

export const tenant = {
  ...base,

  /** A client of the library; options replace what it is set up with. */
  client(options) {
    const { url, clientId, clientSecret } = settings;
    return new AuthClient({ domain: new URL(url).host, clientId, clientSecret: clientSecret || undefined, ...options });
  },
};

/** Another application of the ordinary tenant. */
export const { other } = settings;

/** Runs what must be refused and checks every part of the error that the library makes of it. */
export async function refused(promise, name, status, error, description) {
  const thrown = await promise.then(
    () => assert.fail(`not refused: ${error}`),
    (thrown) => thrown,
  );
  assert.equal(thrown.name, name, thrown.stack);
  assert.deepEqual(
    [thrown.statusCode, thrown.cause?.error, thrown.cause?.error_description],
    [status, error, description],
  );
  return thrown;
}

/** Enrolls an address, the user's own without one, and returns what the library made of the response. */
export const enrollEmail = (mfa, mfaToken, email) =>
  mfa.enrollAuthenticator({ authenticatorTypes: ['oob'], oobChannels: ['email'], mfaToken, email });

/** Challenges the first active authenticator with the prefix, for a list does not tell channels apart. */
export async function challenge(mfa, mfaToken, prefix = 'email|') {
  const all = await mfa.listAuthenticators({ mfaToken });
  const { id } = all.find((a) => a.active && a.id.startsWith(prefix));
  return mfa.challengeAuthenticator({ challengeType: 'oob', authenticatorId: id, mfaToken });
}
