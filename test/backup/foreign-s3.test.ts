// Backups in a bucket of an S3 service that others wrote: moto's server, where it is installed (`pip install
// moto[s3,server]`; its path may be in KMIP_EDGE_MOTO).

import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { backupName } from '../../src/backup/names.ts';
import { bucketPlace } from '../../src/backup/s3/bucket-place.ts';
import { type S3Options, S3Requests } from '../../src/backup/s3/requests.ts';
import { systemClock } from '../../src/clock.ts';
import { Secret } from '../../src/secret.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';

const program = process.env['KMIP_EDGE_MOTO'] ?? 'moto_server';
const hasMoto = spawnSync(program, ['--help']).status === 0;
const appliance = '0123456789ab';
/** The smallest that a real service takes. */
const partBytes = 5 * 1024 * 1024;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

const startMoto = async (t: ExecutionContext): Promise<S3Options> => {
  const directory = temporaryDirectory(t);
  const { certPem, keyPem, caPem } = makeTlsMaterial();
  const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  writeFileSync(cert, certPem);
  writeFileSync(key, keyPem);
  const port = await freePort();
  const child = spawn(program, ['-H', '127.0.0.1', '-p', String(port), '-c', cert, '-k', key], { stdio: 'ignore' });
  t.teardown(() => void child.kill('SIGKILL'));
  const options: S3Options = {
    endpoint: `https://localhost:${port}`,
    region: 'us-east-1',
    bucket: 'edge-backups',
    credentials: { keyId: 'key', secret: new Secret('secret') },
    authorities: caPem,
    clock: systemClock,
    timings: { quietMs: 10_000, retries: 3, backoffMs: 100 },
  };
  const requests = new S3Requests(options);
  for (let n = 0; ; n += 1) {
    try {
      await requests.ask({ method: 'PUT' });
      break;
    } catch (error) {
      if (n === 60) throw error;
      await setTimeout(250);
    }
  }
  requests.close();
  return options;
};

async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += 100_000) yield bytes.subarray(start, start + 100_000);
}

test('small and large backups arrive, are listed with their marks, and only ours are removed', async (t) => {
  if (!hasMoto) {
    t.pass('moto_server is not installed');
    return;
  }
  const options = await startMoto(t);
  const place = bucketPlace({ ...options, prefix: 'site-a/', appliance, partBytes });
  const other = bucketPlace({ ...options, prefix: 'site-a/', appliance: 'ba9876543210', partBytes });
  const at = Date.UTC(2026, 10, 25);
  const sizes = [1000, partBytes, 2 * partBytes + 12_345];
  const names = sizes.map((_, day) => backupName({ appliance, at: at + day * 86_400_000 }));
  const requests = new S3Requests(options);
  t.teardown(() => requests.close());
  for (const [index, size] of sizes.entries()) {
    const bytes = randomBytes(size);
    const name = names[index] ?? '';
    t.is(await place.write(name, piecesOf(bytes)), size);
    if (size > 4_000_000) continue;
    const { body } = await requests.ask({ method: 'GET', key: `site-a/${name}` });
    t.is(createHash('sha256').update(body).digest('hex'), createHash('sha256').update(bytes.toString()).digest('hex'));
  }
  await other.write(backupName({ appliance: 'ba9876543210', at }), piecesOf(Buffer.from('other')));
  t.deepEqual(
    (await place.list()).map(({ name, size }) => [name, size]),
    names.map((name, index) => [name, sizes[index]]).toReversed(),
  );
  await t.throwsAsync(place.remove(backupName({ appliance: 'ba9876543210', at })), { message: /was not made by this/ });
  for (const name of names) await place.remove(name);
  t.deepEqual(await place.list(), []);
  t.is((await other.list()).length, 1);
});
