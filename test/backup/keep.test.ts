// Which backups stay: the rule by examples and by properties, and the names that say as of when they are.

import test from 'ava';
import fc from 'fast-check';
import { type Dated, notKept } from '../../src/backup/keep.ts';
import { backupName, readBackupName } from '../../src/backup/names.ts';

const day = 86_400_000;
const now = Date.UTC(2026, 10, 25, 13, 0, 0);
const daysAgo = (...days: readonly number[]): readonly Dated[] =>
  days.map((days) => ({ name: `${days}`, at: now - days * day }));

const examples: readonly (readonly [rule: string, days: readonly number[], kept: readonly number[]])[] = [
  ['all', [0, 1, 2, 400], [0, 1, 2, 400]],
  ['2', [0, 1, 2, 3], [0, 1]],
  ['1', [5], [5]],
  ['daily 3', [0, 0.1, 0.2, 1, 1.1, 2, 3], [0, 1, 2]],
  // A day without a backup does not count as one of the three.
  ['daily 3', [0, 4, 9, 20], [0, 4, 9]],
  // 2026-11-25 is a Wednesday: its week began on the 23rd.
  ['weekly 2', [0, 1, 2, 3, 4, 9, 10], [0, 3]],
  ['monthly 3', [0, 10, 24, 25, 30, 60, 90], [0, 25, 60]],
  ['daily 2, weekly 2, monthly 2', [0, 1, 2, 3, 9, 25, 26], [0, 1, 3, 25]],
  ['yearly 1', [400, 401], [400]],
];
for (const [rule, days, kept] of examples) {
  test(`of backups ${days.join(', ')} days old '${rule}' keeps ${kept.join(', ')}`, (t) => {
    const gone = new Set(notKept(daysAgo(...days), rule).map(({ name }) => name));
    t.deepEqual(
      days.filter((one) => !gone.has(String(one))),
      kept,
    );
  });
}

const times = fc.uniqueArray(fc.integer({ min: 0, max: 4_000_000_000 }), { minLength: 1, maxLength: 60 });
const period = fc.constantFrom('hourly', 'daily', 'weekly', 'monthly', 'yearly');
const rules = fc.oneof(
  fc.integer({ min: 1, max: 50 }).map(String),
  fc
    .array(fc.tuple(period, fc.integer({ min: 1, max: 20 })), { minLength: 1, maxLength: 5 })
    .map((parts) => parts.map(([name, count]) => `${name} ${count}`).join(', ')),
);

test('whatever the rule, the newest stays, and thinning again changes nothing', (t) => {
  fc.assert(
    fc.property(times, rules, (seconds, rule) => {
      const all = seconds.map((second) => ({ name: String(second), at: second * 1000 }));
      const gone = notKept(all, rule);
      const kept = all.filter((one) => !gone.includes(one));
      const newest = Math.max(...all.map(({ at }) => at));
      if (!kept.some(({ at }) => at === newest)) return false;
      return notKept(kept, rule).length === 0;
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('a name says of which appliance a backup is and as of when; what is called otherwise is none', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 250_000_000_000 }),
      fc.stringMatching(/^[0-9a-f]{12}$/),
      (second, appliance) => {
        const name = backupName({ appliance, at: second * 1000 });
        const read = readBackupName(name);
        return second * 1000 >= 253_402_300_800_000 || (read?.at === second * 1000 && read.appliance === appliance);
      },
    ),
  );
  const others = [
    'kmip-edge-0123456789ab-20261325T000000Z.age',
    'kmip-edge-0123456789ab-20261125T250000Z.age',
    'kmip-edge-0123456789ab-20261125T000000Z.age.part',
    'kmip-edge-0123456789-20261125T000000Z.age',
    'backup.age',
    '../kmip-edge-0123456789ab-20261125T000000Z.age',
    'kmip-edge-0123456789ab-20261125T000000Z.age\n',
  ];
  for (const name of others) t.is(readBackupName(name), undefined, name);
});
