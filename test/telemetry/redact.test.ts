// What of a log line may leave the appliance: known fields, and free text without anything that could be a key.

import test from 'ava';
import fc from 'fast-check';
import { createLogRing } from '../../src/telemetry/log-ring.ts';
import { redactFields, redactText } from '../../src/telemetry/redact.ts';
import { createMemoryLog } from '../kit/memory-log.ts';

const encodings = ['hex', 'base64', 'base64url'] as const;

test('key bytes in any usual encoding do not survive in free text', (t) => {
  const key = fc.uint8Array({ minLength: 16, maxLength: 64 });
  fc.assert(
    fc.property(
      key,
      fc.constantFrom(...encodings),
      fc.constantFrom('', '"', "'", ' ', '=', ':'),
      (bytes, encoding, by) => {
        // A pattern tells a key by its mixture of letters: one of a single value has none.
        fc.pre(new Set(bytes).size > 8);
        const secret = Buffer.from(bytes).toString(encoding);
        t.false(redactText(`the upstream said${by}${secret}${by} and hung up`).includes(secret));
      },
    ),
  );
});

test('a token, an API key and a session are taken out; what happened stays', (t) => {
  const text = `refused: kme_4fJ2kP0sQ9xT7vB1nM3zL5cR8wY6aD0e, hint: read /var/lib/kmip-edge/storage-key.credential`;
  t.is(redactText(text), 'refused: [left out], hint: read /var/lib/kmip-edge/storage-key.credential');
});

const kept = [
  'the data disk is full',
  'connect ECONNREFUSED 10.0.0.1:5696',
  'no object has unique identifier 0b8f1f9e-6a0b-4f8e-9a7a-0c5a0d7f2b11',
  'KeyFormatTypeNotSupported',
  'at visible (file:///usr/lib/kmip-edge/src/keys/service.ts:301:9)',
  'the name key-protect.eu-de.kms.cloud.ibm.com cannot be resolved',
];
for (const text of kept) test(`'${text}' may be told`, (t) => t.is(redactText(text), text));

test('fields that nobody knows, and known ones of another type, stay here', (t) => {
  const fields = {
    problem: 'cut',
    apiKey: 'x',
    body: 'x',
    problem2: 'x',
    keys: 7,
    size: 'seven',
    uid: 'not an identifier',
    id: '0b8f1f9e-6a0b-4f8e-9a7a-0c5a0d7f2b11',
    fingerprint: 'ab'.repeat(32),
    subject: { name: 'prod', passphrase: 'x', nested: { name: 'x' } },
    address: undefined,
  };
  const { problem, keys, id, fingerprint } = fields;
  t.deepEqual(redactFields(fields), { problem, keys, id, fingerprint, subject: { name: 'prod' } });
});

test('a text is cut before it is long', (t) => t.true(redactText('a '.repeat(100_000)).length <= 1000));

test('the ring keeps the last lines, without debug, and passes all of them on', (t) => {
  const log = createMemoryLog();
  const ring = createLogRing(log, () => 0, 50);
  for (let count = 0; count < 100; count += 1) {
    ring.log.debug('operation', { problem: `${count}` });
    ring.log.info('key made', { problem: `${count}`, secret: 'x' });
    ring.log.warn('trouble');
    ring.log.error('worse', { problem: 'y' });
  }
  t.is(log.lines.length, 400);
  const lines = ring.lines();
  t.is(lines.length, 50);
  const rounds = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'key made');
  t.deepEqual(
    rounds.map(({ problem }) => problem),
    Array.from({ length: 16 }, (_, row) => `${row + 84}`),
  );
  t.deepEqual(JSON.parse(lines.at(-1) ?? ''), {
    time: '1970-01-01T00:00:00.000Z',
    level: 'error',
    event: 'worse',
    problem: 'y',
  });
  t.false(lines.some((line) => line.includes('debug') || line.includes('secret')));
});
