// Updates without anybody asking, from the settings of the machine to the units that systemd runs, and what everybody sees of
// them.

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { updateAlarms } from '../../src/admin/update-alarms.ts';
import { writeSystemFiles } from '../../src/system/system-files.ts';
import { lookTimer, updateFiles } from '../../src/system/update-files.ts';
import { type Look, writeLook } from '../../src/update/look-record.ts';
import { runUpdate } from '../../src/update/main.ts';
import { places } from '../../src/update/places.ts';
import { readFetchWay, readUnattended } from '../../src/update/unattended.ts';
import { version } from '../../src/version.ts';
import { runHere } from '../cli/here.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { updateKeyPair } from './bundle-kit.ts';
import { FakeRoot } from './fake-root.ts';

const address = 'https://mirror.example.com/kmip-edge.update?token=abc';
const proxy = 'http://proxy.example.com:3128';

test('what the settings say is read as it was meant, and only root sees the whole address', (t) => {
  const root = temporaryDirectory(t);
  const values = { 'update-address': address, 'update-time': '04:15', proxy, 'no-proxy': 'a.example.com, 192.0.2.9' };
  writeSystemFiles({ root }, values);
  t.deepEqual(readUnattended(join(root, places.unattended)), {
    address: 'https://mirror.example.com/kmip-edge.update',
    time: '04:15',
  });
  t.deepEqual(readFetchWay(join(root, places.fetch)), {
    address,
    proxy: { url: proxy, except: ['a.example.com', '192.0.2.9'] },
  });
  t.is(statSync(join(root, places.fetch)).mode & 0o777, 0o600);
  writeSystemFiles({ root }, { proxy });
  t.is(readUnattended(join(root, places.unattended)), undefined);
  t.deepEqual(readFetchWay(join(root, places.fetch)), { proxy: { url: proxy, except: [] } });
  writeSystemFiles({ root }, {});
  t.deepEqual(readFetchWay(join(root, places.fetch)), {});
});

test('a zone that systemd would not know is taken for UTC', (t) => {
  const zones = temporaryDirectory(t);
  mkdirSync(join(zones, 'Europe'));
  writeFileSync(join(zones, 'Europe/Berlin'), '');
  for (const [zone, expected] of [
    ['Europe/Berlin', 'Europe/Berlin'],
    ['US/Pacific', 'UTC'],
  ] as const) {
    const files = updateFiles({ 'update-address': address, 'time-zone': zone }, zones);
    const { content = '' } = files.find(({ path }) => path.includes(lookTimer)) ?? {};
    t.is(content, `[Timer]\nOnCalendar=\nOnCalendar=*-*-* 02:30:00 ${expected}\n`);
  }
});

test('without an address the units do nothing: what they ask for is not there', (t) => {
  const units = 'appliance/etc/systemd/system';
  const none = updateFiles({ 'update-time': '04:15' }, '/nonexistent');
  t.deepEqual(
    none.map(({ content }) => content),
    [undefined, undefined, undefined],
  );
  t.true(none.some(({ path }) => path === places.unattended));
  for (const unit of [lookTimer, lookTimer.replace('.timer', '.service')]) {
    const text = readFileSync(join(units, unit), 'utf8');
    t.true(text.split('\n').includes(`ConditionPathExists=${places.unattended}`), unit);
    // Nothing starts it but the settings.
    t.notRegex(text, /^\[Install\]/m);
  }
  t.notRegex(readFileSync('packer/steps/20-system.sh', 'utf8'), new RegExp(basename(lookTimer)));
});

test('the program that looks leaves at once where there is no address', async (t) => {
  await t.notThrowsAsync(runUpdate('look'));
  t.is(process.exitCode, undefined);
});

test('whatever the files of the settings hold, they are read or taken for nothing', (t) => {
  const path = join(temporaryDirectory(t), 'file');
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.record({ address: fc.jsonValue(), time: fc.jsonValue(), proxy: fc.jsonValue() }, { requiredKeys: [] }),
  );
  fc.assert(
    fc.property(value, (content) => {
      writeFileSync(path, JSON.stringify(content));
      const shown = readUnattended(path);
      if (shown) t.is(typeof shown.address, 'string');
      t.is(typeof (readFetchWay(path).address ?? ''), 'string');
    }),
    { numRuns: 100 },
  );
});

const hour = 3_600_000;
const start = Date.UTC(2026, 10, 23);
const failing: Look = {
  at: new Date(start + 71 * hour).toISOString(),
  found: 'failed',
  problem: 'it answers HTTP 404',
  failingSince: new Date(start).toISOString(),
};
const alarms: readonly (readonly [
  what: string,
  hours: number,
  look: Look | undefined,
  isOn: boolean,
  names: string[],
])[] = [
  ['a failure of two days', 48, failing, true, []],
  ['a failure of three days', 72, failing, true, ['update-look-failed info']],
  ['a failure of days, turned off since', 96, failing, false, []],
  ['a look that succeeded', 96, { at: failing.at, found: 'nothing', version }, true, []],
  ['no look at all', 96, undefined, true, []],
  [
    'a failure of days, and no look in the last night',
    96,
    { ...failing, found: 'not-now', problem: 'the data is locked' },
    true,
    ['update-look-failed info'],
  ],
];
for (const [what, hours, look, isOn, names] of alarms) {
  test(`${what} is ${names.length === 0 ? 'no alarm' : 'a low alarm'}`, (t) => {
    const unattended = isOn ? { address: 'https://mirror.example.com/x', time: '02:30' } : undefined;
    const desk = { progress: { stage: 'idle', done: 0, total: 0 }, record: { slots: {} }, unattended, look } as const;
    const found = updateAlarms(desk, new FakeClock(start + hours * hour))();
    t.deepEqual(
      found.map(({ name, severity }) => `${name} ${severity}`),
      names,
    );
    for (const { what: text, since } of found) {
      t.regex(text, /https:\/\/mirror\.example\.com\/x: /);
      t.is(since, start);
    }
  });
}

test('where it looks, and what came of it, is told by the management API and the command line', async (t) => {
  const directory = temporaryDirectory(t);
  const root = new FakeRoot(directory, updateKeyPair(), { version, schema: 1 });
  const server = await startServer(t, { updatePlaces: root.places });
  const status = async (): Promise<string> =>
    (await runHere(['update', 'status', '--data', server.dataDirectory])).stdout;
  writeLook(root.places.state, { found: 'nothing', version: '0.1.0' }, start);
  t.regex(await status(), /by itself: +off\n/);
  t.is((await server.api('update.show', {})).look, undefined);
  writeFileSync(root.places.unattended, '{"address":"https://mirror.example.com/x","time":"02:30"}');
  t.regex(await status(), /by itself: +daily after 02:30, https:\/\/mirror\.example\.com\/x\n/);
  t.regex(await status(), /looked: +2026-11-23T00:00:00\.000Z: nothing newer, 0\.1\.0 lies there/);
  for (const [found, text] of [
    ['given-up', /9\.0\.0 lies there, which was given up before/],
    ['taken', /9\.0\.0 was taken/],
    ['not-now', /not done, because/],
    ['failed', /failed: because/],
  ] as const) {
    writeLook(root.places.state, { found, version: '9.0.0', problem: 'because' }, start);
    t.regex(await status(), text);
    t.like(await server.api('update.show', {}), {
      unattended: { address: 'https://mirror.example.com/x', time: '02:30' },
      look: { found, version: '9.0.0' },
    });
  }
});
