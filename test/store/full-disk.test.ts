// A disk with no room left, as a limit on the size of files: what was acknowledged stays, what failed is not half there,
// reads go on.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import type { Report } from './full-disk-writer.ts';

const writer = join(import.meta.dirname, 'full-disk-writer.ts');

test('when files cannot grow, acknowledged writes survive, others fail whole, and reads go on', async (t) => {
  const path = join(temporaryDirectory(t), 'store.sqlite');
  const command = `ulimit -f 600 && exec "$0" "$1" "$2"`;
  const { stdout } = await promisify(execFile)('bash', ['-c', command, process.execPath, writer, path]);
  const { acknowledged, refused, kinds, reads } = JSON.parse(stdout) as Report;
  t.true(acknowledged.length > 0);
  t.true(refused.length > 0);
  t.true(kinds.every((kind) => kind === 'storage-full' || kind === 'internal'));
  t.true(reads);
  const store = openSqliteStore(path);
  for (const uid of acknowledged) {
    t.is(store.objects.find(uid)?.uid, uid);
    t.is(store.objects.attributesOf(uid).length, 1);
  }
  for (const uid of refused) t.is(store.objects.find(uid), undefined);
  t.is(store.objects.count('instance-1'), acknowledged.length);
  await store.close();
});
