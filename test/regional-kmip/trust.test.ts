// Whom the endpoint trusts: by CA and name, or by pin; what it says where it does not; and that no KMIP byte is sent then.

import test from 'ava';
import { EdgeError } from '../../src/errors.ts';
import { fetchCertificate } from '../../src/upstream/regional-kmip/first-contact.ts';
import { CertificateNotTrusted } from '../../src/upstream/regional-kmip/link-errors.ts';
import { secureContextOf } from '../../src/upstream/regional-kmip/open.ts';
import { caTrust, pinOf, pinTrust, type Trust } from '../../src/upstream/regional-kmip/trust.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { refusalOf } from '../kit/refusal.ts';
import { until } from '../kit/until.ts';
import { makeServerTls } from '../peers/regional-kmip/certificates.ts';
import type { RegionalSimulator } from '../peers/regional-kmip/simulator.ts';
import { connectTo, optionsFor, setUp, startSimulator } from './kit.ts';

const colons = (hex: string): string => (hex.toUpperCase().match(/../g) ?? []).join(':');
const other = makeServerTls();

const rows: readonly (readonly [what: string, trust: (simulator: RegionalSimulator) => Trust, trusted: boolean])[] = [
  ['its own CA', ({ tls }) => caTrust(tls.caPem), true],
  ['its own CA among others', ({ tls }) => caTrust(`${other.caPem}\n${tls.caPem}`), true],
  ['another CA', () => caTrust(other.caPem), false],
  ["the system's roots", () => caTrust('system'), false],
  ['its SHA-256 pin', ({ fingerprint }) => pinTrust([colons(fingerprint.sha256)]), true],
  ['another SHA-256 pin', () => pinTrust(['ab'.repeat(32)]), false],
  ['several pins, one of them its own', ({ fingerprint }) => pinTrust(['ab'.repeat(32), fingerprint.sha256]), true],
  ['its SHA-1 pin', ({ fingerprint }) => pinTrust([fingerprint.sha1]), true],
  ['another SHA-1 pin', () => pinTrust(['ab'.repeat(20)]), false],
];
for (const [what, trust, trusted] of rows) {
  test(`with ${what} the endpoint is ${trusted ? '' : 'not '}trusted`, async (t) => {
    const simulator = await startSimulator(t);
    const endpoint = connectTo(t, simulator, { trust: trust(simulator) });
    if (trusted) {
      t.is((await endpoint.probe()).version, '1.4');
      return;
    }
    const error = await refusalOf(t, endpoint.material('any'), 'upstream-not-trusted');
    t.true(error instanceof CertificateNotTrusted);
    t.true(error.message.includes(simulator.fingerprint.sha256), error.message);
    t.regex(error.hint ?? '', /compare this fingerprint/);
    t.is(simulator.bytes, 0, 'no KMIP byte was sent');
  });
}

const names: readonly (readonly [host: string, fits: boolean])[] = [
  ['127.0.0.1', true],
  ['localhost', false],
];
for (const [host, fits] of names) {
  test(`a certificate for 127.0.0.1 alone is ${fits ? '' : 'not '}trusted at ${host}`, async (t) => {
    const simulator = await startSimulator(t, { tls: makeServerTls(['127.0.0.1', 'kmip.example.com']) });
    const { port, tls } = simulator;
    const endpoint = connectTo(t, simulator, { addresses: [{ host, port }], trust: caTrust(tls.caPem) });
    if (fits) {
      t.is((await endpoint.probe()).version, '1.4');
      return;
    }
    const error = await refusalOf(t, endpoint.probe(), 'upstream-not-trusted');
    t.regex(error.message, /ERR_TLS_CERT_ALTNAME_INVALID/);
    t.is(simulator.bytes, 0);
  });
}

test('a pin counts whatever the name, and its certificate may not change', async (t) => {
  const log = createMemoryLog();
  const { simulator, endpoint } = await setUp(t, { log });
  const { sha256 } = simulator.fingerprint;
  await endpoint.probe();
  await simulator.start(makeServerTls());
  const before = simulator.bytes;
  const error = await refusalOf(t, endpoint.probe(), 'upstream-not-trusted');
  t.true(error instanceof CertificateNotTrusted);
  t.true(error.message.includes(simulator.fingerprint.sha256) && !error.message.includes(sha256));
  t.is(simulator.bytes, before);
  t.true(log.lines.some(({ level }) => level === 'error'));
});

test('a SHA-1 pin is warned of, and a SHA-256 pin is not', async (t) => {
  const simulator = await startSimulator(t);
  for (const [fingerprint, warnings] of [
    [simulator.fingerprint.sha1, 1],
    [simulator.fingerprint.sha256, 0],
  ] as const) {
    const log = createMemoryLog();
    connectTo(t, simulator, { log, trust: pinTrust([fingerprint]) });
    t.is(log.lines.filter(({ event }) => event.includes('SHA-1')).length, warnings);
  }
});

test('a pin is 40 or 64 hexadecimal digits', (t) => {
  t.deepEqual(pinOf(` ${colons('0f'.repeat(32))}\n`), { hash: 'sha256', fingerprint: '0f'.repeat(32) });
  t.is(pinOf('AB'.repeat(20)).hash, 'sha1');
  for (const text of ['', 'ab', 'ab'.repeat(16), 'zz'.repeat(32), 'ab'.repeat(33)]) {
    t.is(t.throws(() => pinOf(text), { instanceOf: EdgeError }).kind, 'invalid-field');
  }
  t.throws(() => pinTrust([]), { instanceOf: EdgeError });
});

test('a CA bundle has to hold certificates', (t) => {
  for (const text of ['', 'no PEM', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----']) {
    t.is(t.throws(() => caTrust(text), { instanceOf: EdgeError }).kind, 'invalid-field');
  }
});

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`first contact shows what is presented over ${maxVersion}, and sends nothing`, async (t) => {
    const simulator = await startSimulator(t, { maxVersion });
    const presented = await fetchCertificate({ host: simulator.host, port: simulator.port });
    t.is(presented.sha256, simulator.fingerprint.sha256);
    t.is(presented.sha1, simulator.fingerprint.sha1);
    t.is(presented.subject, 'CN=localhost');
    t.regex(presented.issuer, /^CN=simulated CA/);
    t.is(presented.names, 'DNS:localhost, IP Address:127.0.0.1');
    t.true(presented.notBefore < Date.now() && presented.notAfter > Date.now());
    t.is(simulator.bytes, 0);
    t.deepEqual(presented.pem.trim(), simulator.tls.certificatePem.replaceAll('\r', '').trim());
  });
}

test('first contact with nobody, or with no TLS, says so', async (t) => {
  const simulator = await startSimulator(t);
  await simulator.stop();
  const error = await refusalOf(t, fetchCertificate({ host: '127.0.0.1', port: simulator.port }));
  t.is(error.kind, 'upstream-unreachable');
  t.regex(error.message, /refused/);
});

test('a client certificate that is not admitted is told apart from a network fault', async (t) => {
  const simulator = await startSimulator(t);
  simulator.expel(simulator.client.certificatePem);
  const error = await refusalOf(t, connectTo(t, simulator).probe(), 'upstream-unreachable');
  t.regex(error.hint ?? '', /client certificate/);
  simulator.admit(simulator.client.certificatePem);
  const endpoint = connectTo(t, simulator);
  await endpoint.probe();
  simulator.expel(simulator.client.certificatePem);
  await until(() => simulator.open === 0);
  await refusalOf(t, endpoint.material('any'), 'upstream-unreachable');
});

test('a private key of another certificate is refused before anything is sent', async (t) => {
  const simulator = await startSimulator(t);
  const { identity } = optionsFor(simulator);
  const certificate = makeServerTls().caPem; // of another key pair
  const error = t.throws(() => secureContextOf({ ...identity, certificate }), { instanceOf: EdgeError });
  t.is(error.kind, 'invalid-field');
  t.false(error.message.includes('PRIVATE'));
  t.notThrows(() => secureContextOf(identity));
});
