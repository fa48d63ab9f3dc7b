// oauth4webapi: the requests and the checks that openid-client is made of, each by itself.
import * as oauth from 'oauth4webapi';
import { settings, tenant } from '../harness.mjs';
import { authentications, scenes } from '../scenes.mjs';

const { url, clientSecret } = settings;
const { privateKey } = await oauth.generateKeyPair('RS256');
const issuer = new URL(`${url}/`);
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
const client = { client_id: settings.clientId };
const ways = {
  post: () => oauth.ClientSecretPost(clientSecret),
  basic: () => oauth.ClientSecretBasic(clientSecret),
  assertion: () => oauth.PrivateKeyJwt(privateKey),
  none: () => oauth.None(),
};

async function signIn(authentication, type, parameters) {
  const { refresh_token, ...additionalParameters } = parameters;
  const refreshing = type === 'refresh_token';
  const response = refreshing
    ? await oauth.refreshTokenGrantRequest(server, client, authentication, refresh_token, { additionalParameters })
    : await oauth.genericTokenEndpointRequest(server, client, authentication, type, parameters);
  const process = refreshing ? oauth.processRefreshTokenResponse : oauth.processGenericTokenEndpointResponse;
  try {
    const tokens = await process(server, client, response);
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    if (claims) await oauth.validateApplicationLevelSignature(server, response);
    return { ...tokens, claims };
  } catch (error) {
    if (!(error instanceof oauth.ResponseBodyError)) throw error;
    throw Object.assign(error, { body: error.cause });
  }
}

const way = { public: 'none', assertion: 'assertion' }[settings.kind] ?? 'post';

scenes({
  grant: (type, parameters) => signIn(ways[way](), type, parameters),
  async call(method, path, token, body) {
    const headers = new Headers(body && { 'content-type': 'application/json' });
    const response = await oauth.protectedResourceRequest(
      token, method, new URL(path, tenant.url), headers, body && JSON.stringify(body));
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : undefined };
  },
});

authentications({
  post: { kind: 'ordinary', sends: [['client_id', 'client_secret'], ''] },
  basic: { kind: 'ordinary', sends: [[], 'Basic'] },
  assertion: { kind: 'assertion', sends: [['client_assertion', 'client_assertion_type', 'client_id'], ''] },
  none: { kind: 'public', sends: [['client_id'], ''] },
}, (way, type, parameters) => signIn(ways[way](), type, parameters));
