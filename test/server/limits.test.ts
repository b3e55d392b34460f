// Peers that take too much or too long: each is bounded, and the others are served all the same.

import type { Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { encodeRequest } from '../../src/kmip/message.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { startServer, type TestServer } from '../kit/server.ts';
import { item } from '../operations/exchange.ts';
import { endsWithin, openPeer, openSilent, type Peer } from './peer.ts';

const discover = encodeRequest({
  version: 101,
  header: {},
  items: [item('DiscoverVersions', { ProtocolVersion: [] })],
});

const openClient = (t: ExecutionContext, { port, client }: TestServer, localAddress = '127.0.0.1'): Promise<Peer> =>
  openPeer(t, port, { cert: client.certificate, key: client.privateKey, localAddress });

/** True when a client from this address is served. */
const isServed = async (t: ExecutionContext, server: TestServer, localAddress?: string): Promise<boolean> => {
  const peer = await openClient(t, server, localAddress).catch(() => undefined);
  const answer = await peer?.ask(discover);
  peer?.socket.destroy();
  await peer?.closed;
  return answer !== undefined;
};

/** Asks until the answer is yes, at most ten seconds. */
const eventually = async (check: () => Promise<boolean>): Promise<boolean> => {
  for (const end = performance.now() + 10_000; performance.now() < end; ) {
    if (await check()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
};

test('one address gets so many connections and no more, silent ones included', async (t) => {
  const server = await startServer(t, { settings: { 'kmip.maximumConnectionsPerAddress': 3 } });
  const silent = await openSilent(t, server.port);
  await openPeer(t, server.port, { cert: server.client.certificate, key: server.client.privateKey });
  await openClient(t, server);
  t.false(await isServed(t, server));
  t.true(await isServed(t, server, '127.0.0.2'));
  silent.destroy();
  t.true(await eventually(() => isServed(t, server)));
});

test('all addresses together get so many connections and no more', async (t) => {
  const server = await startServer(t, { settings: { 'kmip.maximumConnections': 3 } });
  const open = [
    await openClient(t, server),
    await openClient(t, server, '127.0.0.2'),
    await openClient(t, server, '127.0.0.3'),
  ];
  t.false(await isServed(t, server, '127.0.0.4'));
  t.truthy(await open[0]?.ask(discover));
  open[1]?.socket.destroy();
  t.true(await eventually(() => isServed(t, server, '127.0.0.4')));
});

test('clients come from the networks that are given, and nobody else gets as far as the handshake', async (t) => {
  const log = createMemoryLog();
  const networks = ['127.0.0.4/30', '2001:db8::/32'];
  const server = await startServer(t, { log, settings: { 'kmip.networks': networks } });
  t.true(await isServed(t, server, '127.0.0.5'));
  t.false(await isServed(t, server, '127.0.0.2'));
  t.false(await isServed(t, server, '127.0.0.2'));
  // The machine itself.
  t.true(await isServed(t, server, '127.0.0.1'));
  const refused = log.lines.filter(({ event }) => event === 'connection refused: from another network');
  t.deepEqual(
    refused.map(({ fields }) => fields?.['address']),
    ['127.0.0.2'],
  );
});

test('five hundred connects beyond the limit leave no warning and no count behind', async (t) => {
  const log = createMemoryLog();
  const server = await startServer(t, { log, settings: { 'kmip.maximumConnectionsPerAddress': 20 } });
  const sockets = await Promise.all(
    Array.from({ length: 500 }, () => openSilent(t, server.port).catch(() => undefined)),
  );
  t.false(await isServed(t, server));
  for (const socket of sockets) socket?.destroy();
  t.true(await eventually(() => isServed(t, server)));
  t.deepEqual(log.alarms, []);
});

/** Milliseconds: far more than an honest handshake takes, and far less than the default of 10 s. */
const handshakeLimit = 1000;
const unshaken: readonly (readonly [what: string, sent: string])[] = [
  ['that never comes', ''],
  // The head of a ClientHello record of 512 bytes, and nothing more.
  ['that stops half-way', '1603010200010001fc0303'],
];
for (const [what, sent] of unshaken) {
  test(`a handshake ${what} ends, and gives its place back`, async (t) => {
    const server = await startServer(t, {
      settings: { 'kmip.handshakeTimeout': `${handshakeLimit} ms`, 'kmip.maximumConnectionsPerAddress': 1 },
    });
    const started = performance.now();
    const silent = await openSilent(t, server.port);
    silent.write(Buffer.from(sent, 'hex'));
    t.false(await isServed(t, server));
    t.true(await endsWithin(silent, 5000));
    t.true(performance.now() - started >= handshakeLimit - 50);
    t.true(await isServed(t, server));
  });
}

test('an idle connection is closed, one that asks now and then is not', async (t) => {
  const server = await startServer(t, { settings: { 'kmip.idleTimeout': '1 s' } });
  const idle = await openClient(t, server);
  const busy = await openClient(t, server);
  const asking = setInterval(() => void busy.ask(discover), 300);
  t.teardown(() => clearInterval(asking));
  t.true(await endsWithin(idle.socket, 10_000));
  t.truthy(await busy.ask(discover));
});

test('a message that drips in more slowly than allowed is cut off', async (t) => {
  const log = createMemoryLog();
  const server = await startServer(t, { log, settings: { 'kmip.messageTimeout': '300 ms' } });
  const peer = await openClient(t, server);
  const dripping = drip(peer.socket, discover, 20);
  t.teardown(() => clearInterval(dripping));
  t.true(await endsWithin(peer.socket, 10_000));
  t.deepEqual(
    log.alarms.map(({ event }) => event),
    ['message not completed in time'],
  );
  t.true(await isServed(t, server));
});

test('a message that drips in within the time is answered, and the time starts anew with the next', async (t) => {
  const server = await startServer(t, { settings: { 'kmip.messageTimeout': '3 s' } });
  const peer = await openClient(t, server);
  const began = performance.now();
  for (let round = 0; round < 3; round += 1) {
    const dripping = drip(peer.socket, discover, 10);
    t.teardown(() => clearInterval(dripping));
    t.truthy(await peer.next());
    clearInterval(dripping);
  }
  t.true(performance.now() - began > 3000);
});

/** Sends one byte every `ms` milliseconds. */
const drip = (socket: Socket, bytes: Buffer, ms: number): NodeJS.Timeout => {
  let at = 0;
  return setInterval(() => {
    if (at < bytes.length && socket.writable) socket.write(bytes.subarray(at, ++at));
  }, ms);
};
