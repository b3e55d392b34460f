// The console's page for updates: what is attached, an address, the way back, and what is said when it fails.

import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Call } from '../../src/console/page.ts';
import { type UpdateTools, updatePageWith } from '../../src/console/pages/update.ts';
import { EdgeError } from '../../src/errors.ts';
import { currentSettings, keepSettings } from '../../src/system/settings.ts';
import type { Look } from '../../src/update/look-record.ts';
import { candidatesOf } from '../../src/update/media.ts';
import type { UpdateRecord } from '../../src/update/state.ts';
import { fakeMachine } from '../system/fake-machine.ts';
import { Player } from './player.ts';

const found = [
  { device: '/dev/sr0', name: 'kmip-edge-0.2.0.update', bytes: 227_000_000 },
  { device: '/dev/sdc1', name: 'kmip-edge-0.3.0.update', bytes: 228_000_000 },
];

const noServer: Call = () => Promise.reject(new EdgeError('server-not-running', 'nobody answers'));

interface Options {
  readonly bundles?: typeof found;
  readonly record?: UpdateRecord;
  readonly fails?: boolean;
  readonly look?: Look;
  readonly call?: Call;
}

const begin = (t: ExecutionContext, options: Options = {}) => {
  const { bundles = found, record = { slots: {} }, fails = false, look, call = noServer } = options;
  const machine = fakeMachine(t);
  const ran: string[] = [];
  const tools: UpdateTools = {
    progress: () => ({ stage: 'writing', done: 35, total: 100 }),
    record: () => record,
    look: () => look,
    machine,
    run: async (args) => {
      ran.push(args.join(' '));
      if (args[0] === 'find') return JSON.stringify(bundles);
      await setTimeout(30);
      if (fails) throw new EdgeError('not-ready', 'the update is not signed by a key that this appliance knows');
      return '';
    },
  };
  const player = new Player();
  const done = player.open(updatePageWith(tools), call);
  return { machine, player, ran, done };
};

test('what is attached is found, and one of it is installed after a word', async (t) => {
  const { player, ran, done } = begin(t);
  await player.see(/1 {2}Install from a disc or a disk/);
  player.press('enter');
  await player.see(/kmip-edge-0\.2\.0\.update[\s\S]*kmip-edge-0\.3\.0\.update/);
  player.type('2');
  await player.see(/restarts into kmip-edge-0\.3\.0\.update/);
  player.type('update\n');
  await player.see(/writing it beside the system that runs: 30 %/);
  await player.see(/The new system is in place/);
  t.deepEqual(ran, ['find', 'apply-from /dev/sdc1 kmip-edge-0.3.0.update']);
  player.press('enter');
  await player.see(/Install from an address/);
  player.press('escape');
  await done;
});

test('without the word nothing is done', async (t) => {
  const { player, ran } = begin(t, { bundles: found.slice(0, 1) });
  await player.see(/Install from a disc/);
  player.press('enter');
  await player.see(/0\.2\.0/);
  player.press('enter');
  await player.see(/restarts into/);
  player.press('escape');
  await player.see(/Install from a disc/);
  t.deepEqual(ran, ['find']);
});

test('an address is asked for, and what goes wrong with it is said', async (t) => {
  const { player, ran } = begin(t, { fails: true });
  await player.see(/Install from a disc/);
  player.type('2');
  await player.see(/Address/);
  player.type('nowhere\n');
  await player.see(/begins with https/);
  player.type('\x15https://mirror.example.com/kmip-edge.update\n');
  await player.see(/restarts into/);
  player.type('update\n');
  await player.see(/not signed by a key/);
  t.regex(ran.at(-1) ?? '', /^fetch \S*https:\/\/mirror\.example\.com\/kmip-edge\.update$/);
});

test('where nothing is attached that is said', async (t) => {
  const { player } = begin(t, { bundles: [] });
  await player.see(/Install from a disc/);
  player.press('enter');
  await player.see(/no file that ends in \.update/);
  t.pass();
});

test('how the last one ended is shown, and the way back where there is one', async (t) => {
  const slots = { a: { version: '0.1.0', schema: 5 }, b: { version: '0.2.0', schema: 5 } };
  const last = {
    kind: 'update',
    version: '0.2.0',
    from: '0.1.0',
    outcome: 'confirmed',
    at: '2026-11-25T10:00:00Z',
  } as const;
  const { player, ran } = begin(t, { record: { running: 'b', slots, last } });
  await player.see(/The update from 0\.1\.0 to 0\.2\.0 was confirmed/);
  await player.see(/3 {2}Go back to kmip-edge 0\.1\.0/);
  player.type('3');
  await player.see(/restarts into the system from before/);
  player.type('update\n');
  await player.see(/The appliance restarts into it now/);
  t.deepEqual(ran, ['return']);
});

test('it installs by itself from an address, until that is taken away', async (t) => {
  const recorded: unknown[] = [];
  const call = (async (_: string, input: unknown) => void recorded.push(input)) as unknown as Call;
  const { machine, player } = begin(t, { call });
  await player.see(/It does not look for updates by itself\.[\s\S]*3 {2}Install by itself/);
  player.type('3');
  await player.see(/Once a day it is looked/);
  player.type('http://mirror.example.com/x\n');
  player.type('2:30\n');
  await player.see(
    /Address of updates: .*\s+begins with https:\/\/[\s\S]*Time of updates:\s+'2:30' is not a time of day/,
  );
  t.deepEqual(currentSettings(machine), {});
  player.type('\x15https://mirror.example.com/kmip-edge.update?token=abc\n');
  player.type('\x1504:15\n');
  await player.see(/It looks for updates by itself\./);
  t.deepEqual(currentSettings(machine), {
    'update-address': 'https://mirror.example.com/kmip-edge.update?token=abc',
    'update-time': '04:15',
  });
  t.deepEqual(recorded, [{ name: 'updates', to: '04:15 https://mirror.example.com/kmip-edge.update' }]);
  player.press('enter');
  await player.see(
    /Each day after 04:15 it looks at\s+https:\/\/mirror\.example\.com\/kmip-edge\.update\.\s[\s\S]*not looked yet/,
  );
  player.type('3');
  await player.see(/Once a day it is looked/);
  player.type('\x15\n\x15\n');
  await player.see(/does not look for updates by itself any more/);
  t.deepEqual(currentSettings(machine), {});
  t.deepEqual(recorded.at(-1), { name: 'updates', to: 'off' });
});

test('what came of the last look is shown where it looks', async (t) => {
  const look = { at: '2026-11-25T02:41:00Z', found: 'failed', problem: 'it answers HTTP 404' } as const;
  const { machine, player } = begin(t, { look });
  await player.see(/does not look/);
  keepSettings(machine, { 'update-address': 'https://mirror.example.com/x' });
  player.type('3');
  await player.see(/Once a day/);
  player.press('escape');
  await player.see(/after 02:30 it looks[\s\S]*Last look 2026-11-25T02:41:00Z: it failed, it answers HTTP 404/);
  t.pass();
});

test('only what is not in use and has a file system is looked at', (t) => {
  const device = (path: string, fstype: string | null, more: object = {}) => ({
    path,
    fstype,
    label: null,
    mountpoints: [null],
    ...more,
  });
  const blockdevices = [
    device('/dev/sda', null, {
      children: [device('/dev/sda1', 'vfat'), device('/dev/sda2', 'ext4', { mountpoints: ['/'] })],
    }),
    device('/dev/sdb', 'ext4', { label: 'kmip-edge-data' }),
    device('/dev/sdc', null, { children: [device('/dev/sdc1', 'vfat'), device('/dev/sdc2', 'ntfs')] }),
    device('/dev/sr0', 'iso9660'),
    device('/dev/sr1', null),
  ];
  t.deepEqual(
    candidatesOf(JSON.stringify({ blockdevices })).map(({ device: path }) => path),
    ['/dev/sdc1', '/dev/sr0'],
  );
});
