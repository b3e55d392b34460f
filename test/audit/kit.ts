// A trail of its own for a test: real SQLite, a clock that the test moves, and a second look at the database from outside.

import { createSecretKey, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import Sqlite, { type Database } from 'better-sqlite3';
import { type Audit, openAudit } from '../../src/audit/audit.ts';
import { Damage } from '../../src/damage.ts';
import type { Recorder } from '../../src/keys/audit-ports.ts';
import type { Store } from '../../src/keys/ports.ts';
import type { Sealer } from '../../src/keys/seal-ports.ts';
import { createSealer } from '../../src/seal/sealer.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { createMemoryLog, type MemoryLog } from '../kit/memory-log.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { get } from './entries.ts';

export interface TestTrail {
  readonly path: string;
  readonly clock: FakeClock;
  readonly log: MemoryLog;
  readonly sealer: Sealer;
  readonly store: Store;
  readonly audit: Audit;
  /** Records so many Gets and stores them as one segment. */
  gets(count: number): Promise<void>;
  /** Closes trail and store; opens both again. */
  reopen(): Promise<TestTrail>;
  /** Leaves the database as a kill does: what only waits is lost. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export interface TestTrailOptions {
  readonly path?: string;
  readonly clock?: FakeClock;
  readonly sealer?: Sealer;
  readonly keep?: number | 'unlimited';
  readonly observers?: readonly Recorder[];
  /** Default: true. */
  readonly isClockTrusted?: () => boolean;
}

/** Opens a trail; it is closed after the test. */
export const openTrail = async (
  t: Pick<ExecutionContext, 'teardown'>,
  options: TestTrailOptions = {},
): Promise<TestTrail> => {
  const path = options.path ?? join(temporaryDirectory(t), 'db');
  const clock = options.clock ?? new FakeClock();
  const sealer = options.sealer ?? createSealer(createSecretKey(randomBytes(32)));
  const { keep = 'unlimited', observers = [], isClockTrusted = () => true } = options;
  const log = createMemoryLog();
  const damage = new Damage(log);
  const store = openSqliteStore(path);
  const instanceName = (id: string) => (id === 'instance-1' ? 'prod' : undefined);
  const audit = await openAudit({ store, sealer, clock, log, damage, keep, instanceName, isClockTrusted, observers });
  let open = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await audit.close();
    await store.close();
  };
  t.teardown(close);
  let made = 0;
  return {
    path,
    clock,
    log,
    sealer,
    store,
    audit,
    async gets(count) {
      for (const end = made + count; made < end; made += 1) audit.trail.record(get(`key-${made + 1}`));
      await audit.trail.flush();
      await clock.pass(10);
    },
    async kill() {
      open = false;
      await store.close();
    },
    async reopen() {
      await close();
      return openTrail(t, { ...options, path, clock, sealer });
    },
    close,
  };
};

/** The database of a trail that is closed, for whoever tampers with it. */
export const outside = (t: Pick<ExecutionContext, 'teardown'>, path: string): Database => {
  const database = new Sqlite(path);
  t.teardown(() => database.close());
  return database;
};
