// Who is admitted: pinned certificates whoever signed them, and nobody else. What is turned away costs nothing and says
// how to admit it; health checks that connect and say nothing leave no trace.

import { hash, X509Certificate } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { encodeRequest } from '../../src/kmip/message.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import type { ClientFiles } from '../kit/server.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { createKey, item, keyBytes } from '../operations/exchange.ts';
import { describeCertificate, type KeyPair, selfSigned } from './certificates.ts';
import { endsWithin, openPeer, openSilent } from './peer.ts';

const log = createMemoryLog();
const server = sharedServer({ log });
const discover = encodeRequest({
  version: 101,
  header: {},
  items: [item('DiscoverVersions', { ProtocolVersion: [] })],
});

const fingerprintOf = (pem: string): string => hash('sha256', new X509Certificate(pem).raw, 'hex');
const admit = (name: string, { certificate }: KeyPair) =>
  server().api('client.add', { instance: 'default', name, certificate });
const filesOf = (pair: KeyPair): ClientFiles => ({ ...pair, authority: server().client.authority });
const tlsOf = ({ certificate, privateKey }: KeyPair) => ({ cert: certificate, key: privateKey });

/** True when a client with this certificate is cut off without an answer. */
const isTurnedAway = async (t: ExecutionContext, pair: KeyPair | undefined): Promise<boolean> => {
  const peer = await openPeer(t, server().port, pair ? tlsOf(pair) : {});
  return (await peer.ask(discover)) === undefined;
};

/** Runs `act` and gives the warnings and errors that it left. */
const alarmsOf = async (act: () => Promise<unknown>) => {
  const before = log.alarms.length;
  await act();
  return log.alarms.slice(before);
};

test.serial('a certificate that we issued and pinned may create and get a key', async (t) => {
  const client = await server().connect();
  t.is((await keyBytes(client, await createKey(client))).length, 32);
});

test.serial(
  "a self-signed certificate without Extended Key Usage, as vCenter's, works once it is pinned",
  async (t) => {
    const pair = await selfSigned(t);
    t.notRegex(await describeCertificate(t, pair.certificate), /Extended Key Usage/);
    await admit('vcenter', pair);
    const client = await server().connect(filesOf(pair));
    t.is((await keyBytes(client, await createKey(client))).length, 32);
  },
);

test.serial('a pinned certificate that has expired still works: keys matter more than dates', async (t) => {
  const pair = await selfSigned(t, -1);
  t.true(new X509Certificate(pair.certificate).validToDate.getTime() < Date.now());
  await admit('expired', pair);
  const client = await server().connect(filesOf(pair));
  t.is((await keyBytes(client, await createKey(client))).length, 32);
});

test.serial('an unknown certificate is closed, with one log line that says how to admit it', async (t) => {
  const pair = await selfSigned(t);
  const alarms = await alarmsOf(async () => {
    for (let round = 0; round < 5; round += 1) t.true(await isTurnedAway(t, pair));
  });
  t.is(alarms.length, 1);
  const [line] = alarms;
  t.is(line?.event, 'client certificate not admitted');
  t.is(line?.fields['fingerprint'], fingerprintOf(pair.certificate));
  t.is(line?.fields['address'], '127.0.0.1');
  t.regex(String(line?.fields['subject']), /kmipClient/);
  t.regex(String(line?.fields['hint']), /kmip-edge client add --instance NAME --name N --certificate FILE/);
});

test.serial('an unknown certificate is closed before its bytes are parsed', async (t) => {
  const pair = await selfSigned(t);
  const alarms = await alarmsOf(async () => {
    const peer = await openPeer(t, server().port, tlsOf(pair));
    t.is(await peer.ask(Buffer.from('GET / HTTP/1.1\r\n\r\n')), undefined);
  });
  t.deepEqual(
    alarms.map(({ event }) => event),
    ['client certificate not admitted'],
  );
});

test.serial('a certificate of our own CA that is not pinned any more is refused', async (t) => {
  const files = await server().issue('default', 'gone');
  t.false(await isTurnedAway(t, files));
  await server().api('client.remove', { instance: 'default', name: 'gone' });
  t.true(await isTurnedAway(t, files));
});

test.serial('a connection without a certificate is closed and leaves no warning', async (t) => {
  const alarms = await alarmsOf(async () => t.true(await isTurnedAway(t, undefined)));
  t.deepEqual(alarms, []);
});

test.serial('fifty bare TCP and fifty bare TLS connects leave no warning and do no harm', async (t) => {
  const alarms = await alarmsOf(async () => {
    const bare = await Promise.all(Array.from({ length: 50 }, () => openSilent(t, server().port)));
    for (const socket of bare) socket.destroy();
    const tls = await Promise.all(Array.from({ length: 50 }, () => openPeer(t, server().port).catch(() => undefined)));
    for (const peer of tls) peer?.socket.destroy();
    const pinned = await openPeer(t, server().port, tlsOf(server().client));
    pinned.socket.destroy();
  });
  t.deepEqual(alarms, []);
  t.false(await isTurnedAway(t, server().client));
});

test.serial('a removed client is cut off at the next request of its open connection', async (t) => {
  const files = await server().issue('default', 'leaving');
  const peer = await openPeer(t, server().port, tlsOf(files));
  t.truthy(await peer.ask(discover));
  await server().api('client.remove', { instance: 'default', name: 'leaving' });
  t.is(await peer.ask(discover), undefined);
  t.true(await endsWithin(peer.socket, 1000));
});

test.serial('an added client is admitted at once, and a certificate may belong to one client only', async (t) => {
  const pair = await selfSigned(t);
  t.true(await isTurnedAway(t, pair));
  await admit('first', pair);
  t.false(await isTurnedAway(t, pair));
  await t.throwsAsync(admit('second', pair), { message: /already registered/ });
});
