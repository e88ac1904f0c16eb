// A real identity server (oidc-provider) for the tests: grants access tokens to programs, changes its keys when
// told to, and goes away when told to. Prints one line of JSON once it listens; takes one word a line on stdin.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Provider } from 'oidc-provider';
import { exportJWK, exportPKCS8, generateKeyPair } from 'jose';

const programs = { ana: 'mg:viewer mg:editor', bob: 'mg:viewer', eve: 'other' };
const clients = Object.entries(programs).map(([name, scope]) => ({
  client_id: name,
  client_secret: `secret of ${name}`,
  token_endpoint_auth_method: 'client_secret_post',
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  scope,
}));

// What a token for a resource (RFC 8707) looks like: a signed JWT made out to that resource alone.
const granted = (_context, resource) => ({
  scope: 'mg:viewer mg:editor other',
  audience: resource,
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg: 'RS256' } },
});

async function newKey(kid) {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' };
  return { jwk, pem: await exportPKCS8(privateKey) };
}

const server = createServer((request, response) => {
  asked[request.url] = (asked[request.url] ?? 0) + 1;
  if (away) request.socket.destroy();
  else answer(request, response);
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

let away = false;
let answer;
let keys = 0;
const asked = {};

async function changeKeys() {
  keys += 1;
  const key = await newKey(`key-${keys}`);
  const provider = new Provider(issuer, {
    clients,
    scopes: ['mg:viewer', 'mg:editor', 'other'],
    jwks: { keys: [key.jwk] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo: granted, useGrantedResource: () => true },
    },
  });
  answer = provider.callback();
  return key;
}

const say = (what) => console.log(JSON.stringify(what));
const first = await changeKeys();
say({ issuer, kid: first.jwk.kid, pem: first.pem });

for await (const word of createInterface({ input: process.stdin })) {
  if (word === 'rotate') await changeKeys();
  if (word === 'leave') away = true;
  if (word === 'return') away = false;
  say({ done: word, asked });
}
process.exit(0);
