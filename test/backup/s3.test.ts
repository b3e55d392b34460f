// Backups in a bucket, against a service that checks every signature by itself and fails in every way that matters.

import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { backupName } from '../../src/backup/names.ts';
import { bucketPlace } from '../../src/backup/s3/bucket-place.ts';
import { readS3Credentials } from '../../src/backup/s3/credentials.ts';
import { systemClock } from '../../src/clock.ts';
import { isKind } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { type S3Request, type S3Simulator, type S3SimulatorOptions, startS3 } from '../peers/s3/simulator.ts';

const appliance = '0123456789ab';
const other = 'ba9876543210';
const at = Date.UTC(2026, 10, 25, 13, 0, 0);
const name = backupName({ appliance, at });
const partBytes = 4096;
const timings = { quietMs: 1500, retries: 3, backoffMs: 5 };

interface SetUp {
  readonly prefix?: string;
  readonly secret?: string;
  readonly service?: S3SimulatorOptions;
}

const setUp = async (t: ExecutionContext, { prefix = 'vmware/site-a/', secret, service }: SetUp = {}) => {
  const s3 = await startS3(service);
  t.teardown(() => s3.close());
  const { endpoint, bucket, account, caPem: authorities } = s3;
  const credentials = { keyId: account.keyId, secret: new Secret(secret ?? account.secret) };
  const common = { endpoint, region: account.region, bucket, credentials, authorities, clock: systemClock, timings };
  return { s3, place: bucketPlace({ ...common, prefix, appliance, partBytes }) };
};

async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += 1000) yield bytes.subarray(start, start + 1000);
}

const bodyIn = ({ objects }: S3Simulator, key: string): Buffer => objects.get(key)?.body ?? Buffer.alloc(0);
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

for (const size of [0, 1, partBytes - 1, partBytes, partBytes + 1, 3 * partBytes, 50_000]) {
  test(`${size} bytes arrive as they are, in one request or in parts, and are listed and removed`, async (t) => {
    const { s3, place } = await setUp(t);
    const bytes = randomBytes(size);
    t.is(await place.write(name, piecesOf(bytes)), size);
    t.is(sha256(bodyIn(s3, `vmware/site-a/${name}`)), sha256(bytes));
    t.is(s3.uploads.size, 0);
    t.deepEqual(await place.list(), [{ name, size, at }]);
    await place.remove(name);
    t.deepEqual([...s3.objects.keys()], []);
  });
}

const isPart = ({ method, query }: S3Request): boolean => method === 'PUT' && query.has('partNumber');
const isEnd = ({ method, query }: S3Request): boolean => method === 'POST' && query.has('uploadId');
const passing: readonly (readonly [what: string, strike: (s3: S3Simulator) => void])[] = [
  ['the service is overloaded', (s3) => s3.fault({ kind: 'status', status: 503, code: 'SlowDown' }, 2)],
  ['the service has an error', (s3) => s3.fault({ kind: 'status', status: 500, code: 'InternalError' }, 3)],
  ['the connection is cut before a part is stored', (s3) => s3.fault({ kind: 'cut-before' }, 2, isPart)],
  ['the connection is cut after a part is stored', (s3) => s3.fault({ kind: 'cut-after' }, 2, isPart)],
  ['the answer to the end of the upload is lost', (s3) => s3.fault({ kind: 'cut-after' }, 1, isEnd)],
  ['the end of the upload fails after it began with 200', (s3) => s3.fault({ kind: 'late-error' }, 1, isEnd)],
  ['a part is too slow', (s3) => s3.fault({ kind: 'slow', ms: 4000 }, 1, isPart)],
];
for (const [what, strike] of passing) {
  test(`a backup arrives whole although ${what}`, async (t) => {
    const { s3, place } = await setUp(t);
    const bytes = randomBytes(30_000);
    strike(s3);
    t.is(await place.write(name, piecesOf(bytes)), bytes.length);
    t.is(sha256(bodyIn(s3, `vmware/site-a/${name}`)), sha256(bytes));
    t.is(s3.uploads.size, 0);
  });
}

test('what stays wrong is told with what to do, and leaves nothing behind in the bucket', async (t) => {
  const { s3, place } = await setUp(t);
  let closed = false;
  const pieces = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* piecesOf(randomBytes(30_000));
    } finally {
      closed = true;
    }
  };
  s3.fault({ kind: 'status', status: 503, code: 'SlowDown' }, undefined, isPart);
  const error = await t.throwsAsync(place.write(name, pieces()));
  t.true(isKind(error, 'upstream-unreachable'));
  t.regex(error?.message ?? '', /answered 503 SlowDown/);
  t.is(s3.uploads.size, 0);
  t.is(s3.objects.size, 0);
  t.true(closed, 'whoever makes the backup is let go');
  t.is(s3.seen.filter(isPart).length, 1 + timings.retries);
});

test('a refusal is told at once and not repeated', async (t) => {
  const { s3, place } = await setUp(t, { secret: 'not the secret' });
  const error = await t.throwsAsync(place.list());
  t.true(isKind(error, 'upstream-refused'));
  t.regex(error?.message ?? '', /answered 403 SignatureDoesNotMatch/);
  t.is(s3.seen.length, 1);
});

test('a clock that is wrong is named as the reason', async (t) => {
  const { place } = await setUp(t, { service: { now: () => Date.now() + 3_600_000 } });
  const error = await t.throwsAsync(place.list());
  t.true(isKind(error, 'upstream-refused') && /clock/.test(error.hint ?? ''));
});

test('a service that is not trusted, or not there, gets nothing', async (t) => {
  const { s3 } = await setUp(t);
  const common = { region: 'eu-de', bucket: 'b', prefix: '', appliance, clock: systemClock, timings };
  const credentials = { keyId: 'key', secret: new Secret('secret') };
  const untrusted = bucketPlace({ ...common, credentials, endpoint: s3.endpoint });
  t.true(isKind(await t.throwsAsync(untrusted.list()), 'upstream-unreachable'));
  await s3.close();
  const gone = bucketPlace({ ...common, credentials, endpoint: s3.endpoint, authorities: s3.caPem });
  t.true(isKind(await t.throwsAsync(gone.list()), 'upstream-unreachable'));
  t.is(s3.seen.length, 0);
});

test('a long list is read page by page, and what is of others is neither seen nor removed', async (t) => {
  const { s3, place } = await setUp(t, { service: { pageSize: 3 }, prefix: '' });
  const metadata = { 'x-amz-meta-kmip-edge': appliance };
  const names = Array.from({ length: 10 }, (_, day) => backupName({ appliance, at: at + day * 86_400_000 }));
  for (const one of names) s3.objects.set(one, { body: Buffer.from('backup'), metadata });
  const others = [
    backupName({ appliance: other, at }),
    `kmip-edge-${appliance}-notes.txt`,
    `sub/${name}`,
    'report.pdf',
  ];
  for (const one of others) s3.objects.set(one, { body: Buffer.from('other'), metadata });
  t.deepEqual(
    (await place.list()).map((one) => one.name),
    names.toReversed(),
  );
  for (const one of others) await t.throwsAsync(place.remove(one), undefined, one);
  // The right name alone is not enough.
  const copied = backupName({ appliance, at: at - 1000 });
  s3.objects.set(copied, { body: Buffer.from('copied by hand'), metadata: {} });
  const error = await t.throwsAsync(place.remove(copied));
  t.true(isKind(error, 'permission-denied'));
  t.is(s3.objects.size, names.length + others.length + 1);
});

const forms: readonly (readonly [what: string, text: string])[] = [
  ['the JSON of IBM Cloud', '{"apikey":"x","cos_hmac_keys":{"access_key_id":"KEY","secret_access_key":"a/b+c="}}'],
  ['two lines', '\nKEY\n a/b+c= \n'],
  ['the file of the AWS tools', '[default]\naws_access_key_id = KEY\naws_secret_access_key=a/b+c=\nregion = eu-de\n'],
];
for (const [what, text] of forms) {
  test(`HMAC credentials are read from ${what}`, async (t) => {
    const path = join(temporaryDirectory(t), 'credentials');
    writeFileSync(path, text);
    const { keyId, secret } = await readS3Credentials(path);
    t.deepEqual([keyId, secret.reveal()], ['KEY', 'a/b+c=']);
  });
}

test('a file without credentials is refused, and what is in it is not repeated', async (t) => {
  const path = join(temporaryDirectory(t), 'credentials');
  for (const text of ['', 'one-word-only', '{"cos_hmac_keys":{}}', 'three\nsecret\nlines', 'null', '[1]']) {
    writeFileSync(path, text);
    const error = await t.throwsAsync(readS3Credentials(path), undefined, text);
    t.true(isKind(error, 'invalid-field'));
    t.false(/secret|one-word/.test(error?.message ?? ''));
  }
  t.true(isKind(await t.throwsAsync(readS3Credentials(`${path}.none`)), 'invalid-field'));
});
