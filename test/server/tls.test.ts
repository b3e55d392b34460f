// TLS as clients meet it: versions, cipher suites, and sessions that are resumed.

import type { ConnectionOptions, TLSSocket } from 'node:tls';
import test from 'ava';
import { encodeRequest } from '../../src/kmip/message.ts';
import { type ClientFiles, startServer } from '../kit/server.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { item } from '../operations/exchange.ts';
import { openPeer } from './peer.ts';

/** The keys that users have: old suites are for RSA alone. */
const keyType = 'default';
const server = sharedServer({ keyType });
const discover = encodeRequest({
  version: 101,
  header: {},
  items: [item('DiscoverVersions', { ProtocolVersion: [] })],
});
const only = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') => ({ minVersion: version, maxVersion: version }) as const;
const tlsOf = ({ certificate, privateKey }: ClientFiles) => ({ cert: certificate, key: privateKey });

/** Old versions and suites need the client's consent too. */
const lax = 'DEFAULT@SECLEVEL=0';
const legacySuite = { ...only('TLSv1.2'), ciphers: 'AES128-SHA256:@SECLEVEL=0' };

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${version} is spoken`, async (t) => {
    const peer = await openPeer(t, server().port, { ...tlsOf(server().client), ...only(version) });
    t.is(peer.socket.getProtocol(), version);
    t.truthy(await peer.ask(discover));
  });

  test(`a resumed ${version} session works, but not beyond the removal of its client`, async (t) => {
    const name = `resumes-${version}`;
    const files = await server().issue('default', name);
    const options = { ...tlsOf(files), ...only(version) };
    const first = await openPeer(t, server().port, options);
    const session = sessionOf(first.socket);
    t.truthy(await first.ask(discover));
    const resuming: ConnectionOptions = { ...options, session: await session };
    first.socket.destroy();
    const second = await openPeer(t, server().port, resuming);
    t.true(second.socket.isSessionReused());
    t.truthy(await second.ask(discover));
    second.socket.destroy();
    await server().api('client.remove', { instance: 'default', name });
    const third = await openPeer(t, server().port, resuming);
    t.is(await third.ask(discover), undefined);
  });
}

/** The session as the server hands it out, for TLS 1.3 after the handshake. */
const sessionOf = (socket: TLSSocket): Promise<Buffer> =>
  new Promise((resolve) => {
    const known = socket.getProtocol() === 'TLSv1.2' ? socket.getSession() : undefined;
    if (known) resolve(known);
    else socket.once('session', resolve);
  });

test('TLS 1.1 is not spoken', async (t) => {
  const options = { ...tlsOf(server().client), ...only('TLSv1.1'), ciphers: lax };
  await t.throwsAsync(openPeer(t, server().port, options), { message: /alert protocol version/ });
});

test('RSA key exchange with CBC is refused unless it is set', async (t) => {
  const options = { ...tlsOf(server().client), ...legacySuite };
  await t.throwsAsync(openPeer(t, server().port, options), { message: /handshake failure/ });
});

test('RSA key exchange with CBC is taken where it is set, and only where nothing better is offered', async (t) => {
  const lenient = await startServer(t, { keyType, settings: { 'tls.legacyCiphers': true } });
  const old = await openPeer(t, lenient.port, { ...tlsOf(lenient.client), ...legacySuite });
  t.is(old.socket.getCipher().standardName, 'TLS_RSA_WITH_AES_128_CBC_SHA256');
  t.truthy(await old.ask(discover));
  const ciphers = 'AES128-SHA256:ECDHE-RSA-AES128-GCM-SHA256';
  const better = await openPeer(t, lenient.port, { ...tlsOf(lenient.client), ...only('TLSv1.2'), ciphers });
  t.is(better.socket.getCipher().name, 'ECDHE-RSA-AES128-GCM-SHA256');
});

test('TLS 1.3 can be asked for', async (t) => {
  const strict = await startServer(t, { keyType, settings: { 'tls.minimumVersion': 'TLSv1.3' } });
  const options = { ...tlsOf(strict.client), ...only('TLSv1.2') };
  await t.throwsAsync(openPeer(t, strict.port, options), { message: /alert protocol version/ });
  const peer = await openPeer(t, strict.port, tlsOf(strict.client));
  t.truthy(await peer.ask(discover));
});
