// Run under a limit on the size of files: makes changes with their records until they fail, and tells what the store and
// the trail hold then. Started by crash.test.ts.

import { createSecretKey, randomBytes } from 'node:crypto';
import { openAudit } from '../../src/audit/audit.ts';
import { searchTrail } from '../../src/audit/search.ts';
import { systemClock } from '../../src/clock.ts';
import { Damage } from '../../src/damage.ts';
import { silentLog } from '../../src/log.ts';
import { createSealer } from '../../src/seal/sealer.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { sampleObject, textAttribute, withInstance } from '../store/samples.ts';
import { get } from './entries.ts';

export interface Report {
  readonly acknowledged: readonly string[];
  readonly refused: readonly string[];
  /** Of which the trail says that they were created. */
  readonly recorded: readonly string[];
  readonly readsGoOn: boolean;
  readonly alarms: readonly string[];
}

const run = async (path: string): Promise<Report> => {
  const store = await withInstance(openSqliteStore(path));
  const sealer = createSealer(createSecretKey(randomBytes(32)));
  const damage = new Damage(silentLog);
  const parts = { store, sealer, clock: systemClock, log: silentLog, damage, isClockTrusted: () => true };
  const { trail } = await openAudit({ ...parts, keep: 'unlimited', instanceName: () => undefined, observers: [] });
  const [acknowledged, refused]: [string[], string[]] = [[], []];
  for (let round = 0; round < 400; round += 1) {
    const object = sampleObject();
    try {
      await store.write((tx) => {
        tx.objects.insert(object, [textAttribute('x-A', 'a'.repeat(1000))]);
        tx.audit.record(get(object.uid, { operation: 'Create' }));
      });
      acknowledged.push(object.uid);
    } catch {
      refused.push(object.uid);
    }
  }
  trail.record(get(acknowledged[0] ?? ''));
  await trail.flush().catch(() => {});
  const recorded: string[] = [];
  for (let after: number | undefined = 0; after !== undefined; ) {
    const found: Awaited<ReturnType<typeof searchTrail>> = await searchTrail(
      store.trail,
      { event: 'Create' },
      { after, limit: 1000 },
    );
    recorded.push(...found.records.map(({ key }) => key ?? ''));
    after = found.next;
  }
  const readsGoOn = acknowledged.every((uid) => store.objects.find(uid)?.uid === uid);
  return { acknowledged, refused, recorded, readsGoOn, alarms: trail.alarms() };
};

const [path] = process.argv.slice(2);
// Printed before the process ends without closing: as a crash would leave it.
if (path !== undefined) process.stdout.write(JSON.stringify(await run(path)), () => process.exit(0));
