// Run under a limit on the size of files: writes objects until they fail and tells what was acknowledged. Started by
// full-disk.test.ts.

import { EdgeError } from '../../src/errors.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { sampleObject, textAttribute, withInstance } from './samples.ts';

export interface Report {
  readonly acknowledged: readonly string[];
  readonly refused: readonly string[];
  readonly kinds: readonly string[];
  /** Whether every acknowledged object could be read after writes had failed. */
  readonly reads: boolean;
}

const run = async (path: string): Promise<Report> => {
  const store = await withInstance(openSqliteStore(path));
  const [acknowledged, refused, kinds]: [string[], string[], string[]] = [[], [], []];
  for (let round = 0; round < 40; round += 1) {
    const group = Array.from({ length: 40 }, () => sampleObject());
    const write = async (object: (typeof group)[number]): Promise<void> => {
      try {
        await store.write((tx) => tx.objects.insert(object, [textAttribute('x-A', 'a'.repeat(200))]));
        acknowledged.push(object.uid);
      } catch (error) {
        refused.push(object.uid);
        kinds.push(error instanceof EdgeError ? error.kind : String(error));
      }
    };
    await Promise.all(group.map(write));
  }
  return { acknowledged, refused, kinds, reads: acknowledged.every((uid) => store.objects.find(uid)?.uid === uid) };
};

const [path] = process.argv.slice(2);
// Printed before the process ends without closing: as a crash would leave it.
if (path !== undefined) process.stdout.write(JSON.stringify(await run(path)), () => process.exit(0));
