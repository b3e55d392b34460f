// The checks of the machine, each with the thing broken that it is there for.

import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type DiskFacts, type Host, hostChecks } from '../../../src/telemetry/doctor/host.ts';
import { type CheckState, runChecks } from '../../../src/telemetry/doctor/result.ts';
import { temporaryDirectory } from '../../kit/temporary.ts';

const mebibyte = 1024 * 1024;
const roomy: DiskFacts = { bavail: 5000, blocks: 10_000, bsize: mebibyte, ffree: 100_000, files: 200_000 };
const noSwap = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n';

/** A machine on which all is well. */
const healthy = (t: ExecutionContext): Host => {
  const folder = temporaryDirectory(t);
  const [dataDirectory, proc, timedatectl] = ['data', 'proc', 'timedatectl'].map((name) => join(folder, name));
  if (!dataDirectory || !proc || !timedatectl) throw new Error('no folder');
  mkdirSync(dataDirectory, { mode: 0o700 });
  writeFileSync(join(dataDirectory, 'db'), '', { mode: 0o600 });
  mkdirSync(join(proc, 'self'), { recursive: true });
  writeFileSync(join(proc, 'swaps'), noSwap);
  writeFileSync(join(proc, 'self/coredump_filter'), '00000000\n');
  const uid = process.getuid?.();
  const host = { dataDirectory, secretFiles: ['db', 'absent'], proc, statfs: () => roomy, timedatectl, uid };
  sayTime(host.timedatectl, 'yes');
  return { ...host, isServer: true };
};

const sayTime = (path: string, answer: string): void => {
  writeFileSync(path, `#!/bin/sh\necho ${answer}\n`);
  chmodSync(path, 0o755);
};

const resultsOf = async (host: Host) => (await runChecks(hostChecks(host))).filter(({ state }) => state !== 'well');

test('on a machine where all is well nothing is found', async (t) => {
  const host = healthy(t);
  t.deepEqual(await resultsOf(host), []);
  t.is((await runChecks(hostChecks(host))).length, 6);
});

type Break = (host: Host) => Partial<Host> | undefined;

const disk =
  (facts: Partial<DiskFacts>): Break =>
  () => ({ statfs: () => ({ ...roomy, ...facts }) });
const file =
  (name: string, content: string): Break =>
  ({ proc }) =>
    void writeFileSync(join(proc, name), content);

const cases: readonly (readonly [
  what: string,
  act: Break,
  check: string,
  state: CheckState,
  says: RegExp,
  mends?: RegExp,
])[] = [
  ['the disk is nearly full', disk({ bavail: 100 }), 'disk-space', 'warning', /100 MiB \(1 %\)/, /^du /],
  ['the disk is full', disk({ bavail: 3 }), 'disk-space', 'problem', /3 MiB/, /^du /],
  ['there is room for few files', disk({ ffree: 7 }), 'disk-files', 'warning', /7 more files/, /inodes/],
  [
    'others may enter the data directory',
    ({ dataDirectory }) => void chmodSync(dataDirectory, 0o755),
    'permissions',
    'problem',
    /mode 755/,
    /^chmod 700 .*data$/,
  ],
  [
    'others may read the database',
    ({ dataDirectory }) => void chmodSync(join(dataDirectory, 'db'), 0o644),
    'permissions',
    'problem',
    /mode 644/,
    /^chmod 600 .*db$/,
  ],
  [
    'the data belongs to somebody else',
    ({ uid = 0 }) => ({ uid: uid + 1 }),
    'permissions',
    'problem',
    /belongs/,
    /^chown/,
  ],
  ['swap is on', file('swaps', `${noSwap}/dev/sda2 partition 1 0 -2\n`), 'swap', 'warning', /sda2/, /^swapoff -a$/],
  [
    'core dumps hold memory',
    file('self/coredump_filter', '00000033\n'),
    'core-dumps',
    'problem',
    /filter 00000033/,
    /restart/,
  ],
  [
    'nothing sets the clock',
    ({ timedatectl }) => void sayTime(timedatectl, 'no'),
    'time-service',
    'warning',
    /no time service/,
    /^timedatectl set-ntp true$/,
  ],
  [
    'nobody knows who sets the clock',
    () => ({ timedatectl: '/nonexistent/timedatectl' }),
    'time-service',
    'not-checked',
    /no systemd/,
  ],
  ['the server is not running', () => ({ isServer: false }), 'core-dumps', 'not-checked', /not running/],
];
for (const [what, act, check, state, says, mends] of cases) {
  test(`where ${what}, ${check} says so`, async (t) => {
    const host = healthy(t);
    const found = await resultsOf({ ...host, ...act(host) });
    t.true(found.length > 0);
    t.true(found.every((result) => result.check === check && result.state === state));
    t.regex(found[0]?.what ?? '', says);
    if (mends) t.regex(found[0]?.command ?? '', mends);
    else t.is(found[0]?.command, undefined);
  });
}

test('swap in compressed memory, and file systems without a number of files, are well', async (t) => {
  const host = healthy(t);
  writeFileSync(join(host.proc, 'swaps'), `${noSwap}/dev/zram0 partition 1 0 100\n`);
  t.deepEqual(await resultsOf({ ...host, statfs: () => ({ ...roomy, files: 0, ffree: 0 }) }), []);
});

test('a symbolic link is looked at itself', async (t) => {
  const host = healthy(t);
  symlinkSync('/etc/hostname', join(host.dataDirectory, 'absent'));
  const [found] = await resultsOf(host);
  // A link may be used by anybody, wherever it leads.
  t.like(found, { check: 'permissions', state: 'problem' });
});

test('a check that throws is one that was not made', async (t) => {
  const statfs = () => {
    throw new Error('I/O error');
  };
  const found = await resultsOf({ ...healthy(t), statfs });
  t.deepEqual(
    found.map(({ check, state, what }) => [check, state, what]),
    [
      ['disk-space', 'not-checked', 'I/O error'],
      ['disk-files', 'not-checked', 'I/O error'],
    ],
  );
});
