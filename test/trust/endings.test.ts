// Every certificate that ends is told 60, 30 and 7 days before and after, with what to do: in the status, the alarms, the
// metrics and once a day in the log.

import test from 'ava';
import type { EndingView } from '../../src/admin/api/certificates.ts';
import { CertificateWatch } from '../../src/admin/certificate-watch.ts';
import { createCertificateReader } from '../../src/ca/read-once.ts';
import { openServerCertificates } from '../../src/ca/server-certificates.ts';
import { Damage } from '../../src/damage.ts';
import type { Client } from '../../src/keys/instance-ports.ts';
import { createKey } from '../custody/requests.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { startServer } from '../kit/server.ts';
import { authority, openPki } from './pki.ts';

const day = 86_400_000;

test('certificates are told of in time, each with its step and what to do', async (t) => {
  const start = Date.now();
  const clock = new FakeClock(start);
  const log = createMemoryLog();
  const server = await startServer(t, { clock, log, settings: { 'server.keyType': 'ec-p256' } });
  const pki = await openPki(t);
  const root = await pki.root({ subject: '/CN=root', days: 100 });
  const between = await pki.issue(root, { subject: '/CN=between', days: 80, extensions: authority() });
  const leaf = await pki.issue(between, { subject: '/CN=vc01', days: 45 });
  const instance = 'default';
  await server.api('client.issue', { instance, name: 'short', days: 20 });
  await server.api('client.issue', { instance, name: 'long', days: 400 });
  const { certificate } = root;
  const lists = { intermediates: between.certificate, subjects: ['CN=vc01'] };
  await server.api('root.trust', { instance, name: 'vmca', certificate, ...lists });
  await server.api('certificate.renew', { days: 90 });
  const client = await server.connect({ ...leaf, authority: server.client.authority });
  await createKey(client);

  const told = async () => (await server.api('certificate.warnings', {})).map(({ kind, level }) => `${kind} ${level}`);
  const at = (days: number) => clock.setWall(start + days * day + 3_600_000);
  at(0);
  t.deepEqual(await told(), ['client warning', 'root-client notice']);
  at(14);
  t.deepEqual(await told(), ['client urgent', 'root-client notice']);
  at(21);
  t.deepEqual(await told(), ['client ended', 'root-client warning', 'intermediate notice']);
  at(39);
  t.deepEqual(await told(), ['client ended', 'root-client urgent', 'intermediate notice', 'next notice']);
  at(46);
  const all = await server.api('certificate.warnings', {});
  t.deepEqual(
    all.map(({ kind, level }) => `${kind} ${level}`),
    ['client ended', 'root-client ended', 'intermediate notice', 'next notice', 'root notice'],
  );
  t.like(all[0], { name: 'short', instance, daysLeft: -27 });
  t.regex(all[0]?.todo ?? '', /served after its end too/);
  t.is(all[0]?.command, 'kmip-edge client issue --instance default');
  t.true(all.every(({ todo, command }) => todo.endsWith('.') && command.startsWith('kmip-edge ')));
  t.deepEqual((await server.api('status', {})).endings, all);
});

test('the log says it once a day for each, until it is mended', async (t) => {
  const clock = new FakeClock(Date.now() + 3_600_000);
  const log = createMemoryLog();
  const storage = { load: () => undefined, change: async () => {} };
  const damage = new Damage(log);
  const certificates = await openServerCertificates({ storage, clock, names: [], keyType: 'ec-p256', damage });
  const pki = await openPki(t);
  const { certificate: certificatePem } = await pki.root({ subject: '/CN=vc', days: 50 });
  const known = { id: 'c', instanceId: 'i', name: 'short', fingerprint: 'ab', origin: 'pinned', addedAt: 0 } as const;
  let clients: readonly Client[] = [{ ...known, certificatePem }];
  const registry = { clients: () => clients, instances: () => [], upstreamsOf: () => t.fail() as never };
  const roots = { roots: () => [], seen: () => [] };
  const watch = new CertificateWatch({ certificates, registry, roots, read: createCertificateReader() }, clock, log);
  watch.start();
  const lines = () => log.lines.map(({ event, fields }) => [event, fields['name'], fields['daysLeft']]);
  t.deepEqual(lines(), [['a certificate ends', 'short', 49]]);
  await clock.pass(day);
  t.deepEqual(lines().slice(1), [['a certificate ends', 'short', 48]]);
  for (let days = 1; days <= 50; days += 1) await clock.pass(day);
  t.deepEqual(lines().slice(-1), [['a certificate has ended', 'short', -2]]);
  t.is(lines().length, 52);
  clients = [];
  await clock.pass(day);
  t.is(lines().length, 52);
  watch.close();
});

test('what ends is an alarm, the more serious the nearer and the more depends on it', async (t) => {
  const clock = new FakeClock(Date.now());
  const server = await startServer(t, { clock, settings: { 'server.keyType': 'ec-p256' } });
  await server.api('client.issue', { instance: 'default', name: 'short', days: 50 });
  await server.api('certificate.renew', { days: 65 });
  const { next } = await server.api('certificate.show', {});
  await server.api('certificate.activate', { sha256: next?.sha256 ?? '' });
  const alarms = async () => {
    await clock.pass(60_000);
    const found = (await server.api('alarm.list', {})).filter(({ name }) => name === 'certificate-ending');
    return found.map(({ severity, what }) => `${severity}: ${what.slice(0, 40)}`).sort();
  };
  t.deepEqual(await alarms(), ["info: the certificate of client 'short' of 'de"]);
  clock.setWall(clock.now() + 60 * day);
  t.deepEqual(await alarms(), [
    'critical: the server certificate ends in 4 days, o',
    "warning: the certificate of client 'short' of 'de",
  ]);
});

const kinds: readonly EndingView['kind'][] = ['server', 'authority'];
test('the server certificate and its authority are told of too', async (t) => {
  const clock = new FakeClock(Date.now());
  const server = await startServer(t, { clock, settings: { 'server.keyType': 'ec-p256' } });
  clock.setWall(clock.now() + (20 * 365 - 5) * day);
  const found = await server.api('certificate.warnings', {});
  t.deepEqual(
    found.filter(({ kind }) => kinds.includes(kind)).map(({ kind, level }) => [kind, level]),
    [
      ['server', 'ended'],
      ['authority', 'urgent'],
    ],
  );
});
