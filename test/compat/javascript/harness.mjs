// What the cases of every library share: the tenant and its users.
import assert from 'node:assert/strict';

export const settings = JSON.parse(process.env.MFA_COMPAT);
const cases = [];

/**
 * Registers a case for the kind of tenant that it needs. Cases run one after
 * another, in the order they are registered.
 */
export function test(name, run, kind = 'ordinary') {
  if (kind === settings.kind) cases.push({ name, run });
}

export async function runAll() {
  let failed = 0;
  for (const { name, run } of cases) {
    try {
      await run();
      console.log(`ok ${name}`);
    } catch (error) {
      failed++;
      console.error(`not ok ${name}\n${error.stack}\n`, error.cause ?? '');
    }
  }
  return failed;
}

async function ask(path, query = {}, body) {
  const url = `${settings.control}/${path}?${new URLSearchParams(query)}`;
  const post = body !== undefined;
  const response = await fetch(url, post ? { method: 'POST', body: JSON.stringify(body) } : {});
  assert.equal(response.status, 200, `control endpoint: ${path}`);
  return response.json();
}

let users = 0;

/** The tenant as its users and the owner of its clock see it. */
export const tenant = {
  url: settings.url,

  /** Adds a user, so that no case meets the limits of another's. */
  async user({ verified = false, recovery = false, factors = [] } = {}) {
    const email = `user${++users}@example.com`;
    const password = await ask('user', {}, { email, verified, recovery, factors });
    return { email, password, mfaToken: () => ask('mfa-token', { user: email }) };
  },

  codes: (address) => ask('codes', { address }),
  code: async (address) => (await ask('codes', { address })).at(-1),
  otp: (user) => ask('otp', { user: user.email }),
  recovery: (user) => ask('recovery', { user: user.email }),
  accessToken: (user, scope) => ask('access-token', { user: user.email, scope }),
  request: (op) => ask('request', { op }),
  advance: (by) => ask('advance', { by }, {}),
  push: (user, approve) => ask('push', { user: user.email, approve }, {}),
  fail: (fault) => ask('fail', {}, fault),
};

/** Another code of the same form. */
export const wrong = (code) => ((Number(code[0]) + 1) % 10) + code.slice(1);
