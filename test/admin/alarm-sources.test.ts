// Each source of alarms with its trouble at hand: which alarm, how serious, and what it says is left.

import test from 'ava';
import { diskAlarms, instanceAlarms, storeAlarms } from '../../src/admin/alarm-sources.ts';
import type { InstanceRegistry } from '../../src/instances/registry.ts';
import type { AuthorityStatus } from '../../src/keys/authority.ts';
import type { ServiceInstance } from '../../src/keys/instance-ports.ts';
import { startCloud } from '../custody/kit.ts';

const hour = 3_600_000;

type Given = Omit<Partial<AuthorityStatus>, 'lease'> & { readonly lease?: readonly [term: number, remaining: number] };

/** One instance, whose authority says what a test wants; `undefined`: it could not be started. */
const alarmsOf = (given: Given | undefined, instance: Partial<ServiceInstance> = {}) => {
  const [term, remaining] = given?.lease ?? [72 * hour, 72 * hour];
  const status = {
    upstream: { reachable: true },
    rootKey: { state: 'active' },
    serving: true,
    alarms: [],
    ...given,
    lease: { term, remaining, provenAt: 0 },
  };
  const registry = {
    instances: () => [{ name: 'prod', upstreamId: 'u', ...instance }],
    startedAuthority: () => (given ? { status: () => status } : undefined),
  } as unknown as InstanceRegistry;
  return instanceAlarms(registry)().map(({ name, severity, what }) => [name, severity, what] as const);
};

const away = { upstream: { reachable: false, problem: 'no route' } } as const;
const removal = { id: 'r', requestedAt: 0, requestedBy: 'x', wait: 10 * hour, waited: 2 * hour, erasing: false };

const cases: readonly (readonly [
  what: string,
  given: Given | undefined,
  instance: Partial<ServiceInstance>,
  name: string,
  severity: string,
  says: RegExp,
])[] = [
  ['could not be started', undefined, {}, 'instance-not-started', 'critical', /could not be started/],
  ['has no upstream', away, {}, 'upstream-unreachable', 'warning', /no route; .*72 h more/],
  [
    'has no upstream and little lease',
    { ...away, lease: [72 * hour, hour] },
    {},
    'upstream-unreachable',
    'critical',
    /60 min more/,
  ],
  [
    'has a short lease, most of it left',
    { ...away, lease: [2 * hour, 1.5 * hour] },
    {},
    'upstream-unreachable',
    'warning',
    /90 min/,
  ],
  ['has no lease any more', { ...away, serving: false, lease: [hour, 0] }, {}, 'lease-ended', 'critical', /has ended/],
  [
    'has a disabled root key',
    { rootKey: { state: 'suspended' }, serving: false },
    {},
    'root-key-unusable',
    'critical',
    /is suspended/,
  ],
  ['has an endpoint with trouble', { alarms: ['one', 'two'] }, {}, 'endpoint', 'warning', /one; two/],
  ['is suspended', {}, { suspendedAt: 1 }, 'instance-suspended', 'info', /is suspended/],
  ['waits for its removal', {}, { removal }, 'instance-removal', 'warning', /erased in 8 h/],
  ['is being removed', {}, { removal: { ...removal, erasing: true } }, 'instance-erasing', 'info', /being removed/],
];
for (const [what, given, instance, name, severity, says] of cases) {
  test(`an instance that ${what} is the alarm ${name}, ${severity}`, (t) => {
    const alarms = alarmsOf(given, instance);
    t.is(alarms.length, 1);
    t.deepEqual(alarms[0]?.slice(0, 2), [name, severity]);
    t.regex(alarms[0]?.[2] ?? '', says);
  });
}

test('an instance that is well is no alarm', (t) => t.deepEqual(alarmsOf({}), []));

const mebibyte = 1024 * 1024;
const disks = [
  ['roomy', { bavail: 5000 }, undefined],
  ['of 4 % free', { bavail: 800, blocks: 20_000 }, 'disk-space warning'],
  ['nearly full', { bavail: 100 }, 'disk-space warning'],
  ['full', { bavail: 10 }, 'disk-space critical'],
  ['out of files', { ffree: 10 }, 'disk-files warning'],
  ['without a number of files', { ffree: 0, files: 0 }, undefined],
] as const;
for (const [what, facts, alarm] of disks) {
  test(`a disk that is ${what} is ${alarm ?? 'no alarm'}`, (t) => {
    const roomy = { bavail: 5000, blocks: 10_000, bsize: mebibyte, ffree: 100_000, files: 200_000 };
    const [found] = diskAlarms('/data', () => ({ ...roomy, ...facts }))();
    t.is(found && `${found.name} ${found.severity}`, alarm);
  });
}

test('a change that could not be stored is critical until one can', (t) => {
  t.deepEqual(storeAlarms({ unstored: () => undefined })(), []);
  const [found] = storeAlarms({ unstored: () => 'the data disk is full' })();
  t.like(found, { name: 'store-not-writable', severity: 'critical' });
  t.regex(found?.what ?? '', /the data disk is full/);
});

test('a cut link to Key Protect becomes an alarm, and ends with it', async (t) => {
  const cloud = await startCloud(t, {
    settings: { 'upstream.pollInterval': '200 ms', 'upstream.totalTimeout': '10 s' },
  });
  const isTold = async () =>
    (await cloud.server.api('alarm.list', {})).some(({ name }) => name === 'upstream-unreachable');
  const untilTold = async (wanted: boolean): Promise<void> => {
    const end = performance.now() + 20_000;
    while ((await isTold()) !== wanted && performance.now() < end) await new Promise((done) => setTimeout(done, 100));
  };
  t.false(await isTold());
  await cloud.simulator.cutLink();
  await untilTold(true);
  t.true(await isTold());
  await cloud.simulator.restoreLink();
  await untilTold(false);
  t.false(await isTold());
});
