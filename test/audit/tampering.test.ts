// Nothing that is done to a stored trail without the server's keys stays unseen, and where a single record was touched it
// is named.

import test, { type ExecutionContext } from 'ava';
import type { Database } from 'better-sqlite3';
import fc from 'fast-check';
import type { Finding } from '../../src/audit/chain/finding.ts';
import type { Report } from '../../src/audit/chain/verifier.ts';
import { openTrailKeys } from '../../src/audit/trail-keys.ts';
import { verifyStored } from '../../src/audit/verify-store.ts';
import { silentLog } from '../../src/log.ts';
import { createTrail } from '../../src/store/sqlite/trail.ts';
import { createVault } from '../../src/store/sqlite/vault.ts';
import { openTrail, outside } from './kit.ts';
import { bodyOf, linesIn, type Row, rowsOf, tamperings } from './tampering.ts';

/** How often the trail is tampered with. */
const tamperedTimes = 1000;

interface Evidence {
  readonly database: Database;
  /** Does something to the database, verifies, and undoes it. */
  after(act: (database: Database) => void): Promise<Report>;
}

/** A trail of small and large segments with several checkpoints, closed. */
const collect = async (t: ExecutionContext): Promise<Evidence> => {
  const trail = await openTrail(t);
  for (const count of [1, 3, 40, 2, 7, 1, 25, 4]) {
    await trail.gets(count);
    if (count < 4) await trail.audit.trail.checkpoint();
  }
  await trail.close();
  const database = outside(t, trail.path);
  const vault = createVault(database);
  const store = { vault, write: () => Promise.reject(new Error('nothing is written')) };
  const keys = await openTrailKeys({ store, sealer: trail.sealer, log: silentLog });
  return {
    database,
    async after(act) {
      database.exec('SAVEPOINT before');
      try {
        act(database);
        return await verifyStored({ trail: createTrail(database), keys });
      } finally {
        database.exec('ROLLBACK TO before; RELEASE before');
      }
    },
  };
};

test('a trail that nobody touched is intact', async (t) => {
  const { after } = await collect(t);
  const report = await after(() => {});
  t.deepEqual(report.findings, []);
  t.true(report.intact);
  // The 83 Gets, and the stop.
  t.is(report.records, 84);
  t.is(report.signedTo, 84);
  t.true(report.checkpoints >= 4);
});

test(`${tamperedTimes} ways to tamper with the database are all found`, async (t) => {
  const { after } = await collect(t);
  const before = await after(() => {});
  const done = new Set<string>();
  const names = fc.constantFrom(...Object.keys(tamperings));
  const picks = fc.infiniteStream(fc.nat(1_000_000));
  const property = fc.asyncProperty(names, picks, async (name, stream) => {
    const pick = (count: number): number => Number(stream.next().value) % count;
    const report = await after((database) => tamperings[name]?.(database, pick));
    done.add(name);
    if (report.intact) throw new Error(`not found: ${name}`);
  });
  await fc.assert(property, { numRuns: tamperedTimes, seed: 20_261_125, endOnFailure: true });
  t.is(done.size, Object.keys(tamperings).length);
  t.deepEqual(await after(() => {}), before, 'each was undone');
  t.true(before.intact);
});

const places: readonly (readonly [
  string,
  (lines: readonly string[]) => readonly string[],
  Pick<Finding, 'kind'> & { at: number },
])[] = [
  ['removed', (lines) => lines.toSpliced(4, 1), { kind: 'removed', at: 4 }],
  [
    'changed',
    (lines) => lines.map((line, at) => (at === 6 ? line.replace('success', 'refused') : line)),
    { kind: 'changed', at: 6 },
  ],
  [
    'put before another',
    (lines) => [...lines.slice(0, 3), lines[5] ?? '', ...lines.slice(3, 5), ...lines.slice(6)],
    { kind: 'moved', at: 3 },
  ],
];
for (const [what, edit, { kind, at }] of places) {
  test(`a record that was ${what} is named`, async (t) => {
    const { database, after } = await collect(t);
    const row = rowsOf(database).find((each) => linesIn(each).length === 40) as Row;
    const { findings } = await after(() => {
      const edited = bodyOf(edit(linesIn(row)));
      database
        .prepare('UPDATE audit_segment SET body = ?, compressed = ? WHERE first = ?')
        .run(edited.body, edited.compressed, row.first);
    });
    const found = findings.filter((finding) => finding.kind === kind && finding.from === row.first + at);
    t.is(found.length, 1, JSON.stringify(findings));
    t.true(found[0]?.text.includes(`record ${row.first + at}`));
  });
}
