// One exchange: it always ends, whatever the peer makes of HTTP, and certificates are verified whatever the environment
// says.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { createHttp, type HttpRequest } from '../../src/upstream/key-protect/http.ts';
import { refusalOf } from '../kit/refusal.ts';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';
import { setUp } from './kit.ts';

const tls = makeTlsMaterial();
const healthy = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** A server that answers each connection's first bytes with the next of `answers`, and with health after the last. */
const answering = async (t: ExecutionContext, ...answers: readonly string[]) => {
  const left = [...answers];
  const server = createServer({ key: tls.keyPem, cert: tls.certPem }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write(left.shift() ?? healthy));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const http = createHttp({ caBundle: tls.caPem, connectMs: 8000, connectionLifeMs: 1 });
  t.teardown(async () => {
    await http.close();
    server.close();
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const request: HttpRequest = { method: 'GET', url, headers: {}, maxBytes: 1000, timeoutMs: 8000 };
  return { http, request };
};

const switching = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n';

test.serial('an answer that switches protocols ends the exchange, and the next one is answered', async (t) => {
  for (const answer of [switching, 'HTTP/1.1 101 X\r\n\r\n', 'HTTP/1.1 101 X\r\ncontent-length: 2\r\n\r\nok']) {
    const { http, request } = await answering(t, answer);
    const start = performance.now();
    await http.send(request).catch(() => {}); // Node gives some of them as an answer of status 101
    t.true(performance.now() - start < 4000);
    t.is((await http.send(request)).body.toString(), 'ok');
  }
});

test.serial('answers that go before the answer are passed over', async (t) => {
  const early = 'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n';
  const { http, request } = await answering(t, early + healthy);
  t.is((await http.send(request)).status, 200);
});

test.serial('a request that is cut before it is sent, and one without an end, both end in time', async (t) => {
  const { http, request } = await answering(t, 'HTTP/1.1 200 OK\r\n\r\nwithout end', 'HTTP/1.1 100 Continue\r\n\r\n');
  await t.throwsAsync(http.send({ ...request, timeoutMs: 200 }), { name: 'TimeoutError' });
  await t.throwsAsync(http.send({ ...request, timeoutMs: 200 }), { name: 'TimeoutError' });
  await t.throwsAsync(http.send({ ...request, signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test.serial('a 101 from IAM or Key Protect is a failure like any other: afterwards they are asked again', async (t) => {
  const timings = { attemptMs: 8000, totalMs: 9000, retries: 0 };
  const { simulator, rootKey } = await setUp(t, { timings }, { tls });
  const headers = { connection: 'upgrade', upgrade: 'websocket' };
  for (const on of ['token', 'metadata'] as const) {
    simulator.fault({ kind: 'answer', status: 101, headers }, { on, times: 1 });
    const error = await refusalOf(t, rootKey.status(), 'upstream-unreachable');
    t.regex(error.message, /the connection was cut/);
    t.is((await rootKey.status()).state, 'active');
  }
});

test.serial('the environment cannot switch the verification of certificates off', async (t) => {
  const name = 'NODE_TLS_REJECT_UNAUTHORIZED';
  const { request } = await answering(t);
  const http = createHttp({ caBundle: makeTlsMaterial().caPem, connectMs: 8000, connectionLifeMs: 1 });
  process.env[name] = '0';
  try {
    const error = await t.throwsAsync(http.send(request));
    t.regex(String(Object(error).code), /UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|SELF_SIGNED/);
  } finally {
    delete process.env[name];
    await http.close();
  }
});
