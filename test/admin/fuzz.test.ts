// A short run over the whole management API with random input, from its own description. `npm run fuzz:api` is the long one.

import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import { withHttps } from '../kit/https.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { randomFrom } from '../kmip/mutate.ts';
import { selfSigned } from '../server/certificates.ts';
import { Fuzzer, fuzzAll, ownToken } from './fuzz-kit.ts';

const quick = { 'upstream.attemptTimeout': '100 ms', 'upstream.totalTimeout': '200 ms' } as const;

test('whatever is asked, nothing is an internal error, nothing hangs, and every refusal is a problem document', async (t) => {
  const log = createMemoryLog();
  const server = await startServer(t, { log, settings: { ...withHttps, ...quick } });
  const { token } = await server.api('token.create', {
    name: ownToken,
    role: 'administrator',
    lifetime: 3_600_000,
  });
  const places = { directory: temporaryDirectory(t), certificate: server.client.certificate, names: [] };
  const seed = Math.floor(Math.random() * 2 ** 32);
  const target = { port: server.running.https.port, token, places };
  t.deepEqual(await fuzzAll(target, 6, randomFrom(seed)), [], `seed ${seed}`);
  t.deepEqual(
    log.lines.filter(({ event }) => event === 'management request failed'),
    [],
    `seed ${seed}`,
  );
  t.true((await server.api('status', {})).ready);
});

/** What a server could wrongly answer, and what is said of it. */
const wrong: readonly (readonly [status: number, type: string, body: string, problem: RegExp])[] = [
  [500, 'application/problem+json', '{"kind":"internal","message":"internal error 1"}', /an internal error/],
  [500, 'text/html', '<h1>Error</h1>', /HTTP 500 with text\/html/],
  [400, 'application/json', '{"statusCode":400}', /HTTP 400 with application\/json/],
  [404, 'application/problem+json', '{}', /no problem document/],
  [200, 'text/plain', '[]', /an answer of text\/plain/],
  [200, 'application/json', '[{"name":5}]', /the answer of token\.list is not as the table says/],
];
test('what is wrong with an answer is found', async (t) => {
  const pair = await selfSigned(t);
  let next = 0;
  const server = createServer({ cert: pair.certificate, key: pair.privateKey }, (_request, response) => {
    const [status, type, body] = wrong[next] ?? [200, '', ''];
    response.writeHead(status, { 'content-type': type }).end(body);
  }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const fuzzer = new Fuzzer({ port, token: '', places: { directory: '', certificate: '', names: [] } });
  t.teardown(() => fuzzer.close());
  for (; next < wrong.length; next += 1) {
    const problem = await fuzzer.try({ route: 'token.list', method: 'GET', path: '/v1/tokens', headers: {} });
    t.regex(String(problem), wrong[next]?.[3] ?? /never/);
  }
  server.closeAllConnections();
});
