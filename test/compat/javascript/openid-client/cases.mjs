// openid-client: a certified OpenID Connect client with a grant of any type.
import * as client from 'openid-client';
import { settings, tenant } from '../harness.mjs';
import { authentications, scenes } from '../scenes.mjs';

const { url, clientId, clientSecret } = settings;
const { privateKey } = await crypto.subtle.generateKey(
  { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }, false, ['sign', 'verify']);
const ways = {
  post: () => client.ClientSecretPost(clientSecret),
  basic: () => client.ClientSecretBasic(clientSecret),
  assertion: () => client.PrivateKeyJwt(privateKey),
  none: () => client.None(),
};

async function configure(way) {
  const config = await client.discovery(new URL(url), clientId, undefined, ways[way]());
  client.enableNonRepudiationChecks(config); // the signature of id tokens, too
  return config;
}

async function signIn(config, type, parameters) {
  try {
    const { refresh_token, ...rest } = parameters;
    const tokens = type === 'refresh_token'
      ? await client.refreshTokenGrant(config, refresh_token, rest)
      : await client.genericGrantRequest(config, type, parameters);
    return { ...tokens, claims: tokens.claims() };
  } catch (error) {
    if (!(error instanceof client.ResponseBodyError)) throw error;
    throw Object.assign(error, { body: error.cause });
  }
}

const config = await configure({ public: 'none', assertion: 'assertion' }[settings.kind] ?? 'post');

scenes({
  grant: (type, parameters) => signIn(config, type, parameters),
  async call(method, path, token, body) {
    const headers = new Headers(body && { 'content-type': 'application/json' });
    const response = await client.fetchProtectedResource(
      config, token, new URL(path, tenant.url), method, body && JSON.stringify(body), headers);
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : undefined };
  },
});

authentications({
  post: { kind: 'ordinary', sends: [['client_id', 'client_secret'], ''] },
  basic: { kind: 'ordinary', sends: [[], 'Basic'] },
  assertion: { kind: 'assertion', sends: [['client_assertion', 'client_assertion_type', 'client_id'], ''] },
  none: { kind: 'public', sends: [['client_id'], ''] },
}, async (way, type, parameters) => signIn(await configure(way), type, parameters));
