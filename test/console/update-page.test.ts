// The console's page for updates: what is attached, an address, the way back, and what is said when it fails.

import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import type { Call } from '../../src/console/page.ts';
import { type UpdateTools, updatePageWith } from '../../src/console/pages/update.ts';
import { EdgeError } from '../../src/errors.ts';
import { candidatesOf } from '../../src/update/media.ts';
import type { UpdateRecord } from '../../src/update/state.ts';
import { Player } from './player.ts';

const found = [
  { device: '/dev/sr0', name: 'kmip-edge-0.2.0.update', bytes: 227_000_000 },
  { device: '/dev/sdc1', name: 'kmip-edge-0.3.0.update', bytes: 228_000_000 },
];

const noServer: Call = () => Promise.reject(new EdgeError('server-not-running', 'nobody answers'));

const begin = (
  options: { readonly bundles?: typeof found; readonly record?: UpdateRecord; readonly fails?: boolean } = {},
) => {
  const { bundles = found, record = { slots: {} }, fails = false } = options;
  const ran: string[] = [];
  const tools: UpdateTools = {
    progress: () => ({ stage: 'writing', done: 35, total: 100 }),
    record: () => record,
    run: async (args) => {
      ran.push(args.join(' '));
      if (args[0] === 'find') return JSON.stringify(bundles);
      await setTimeout(30);
      if (fails) throw new EdgeError('not-ready', 'the update is not signed by a key that this appliance knows');
      return '';
    },
  };
  const player = new Player();
  const done = player.open(updatePageWith(tools), noServer);
  return { player, ran, done };
};

test('what is attached is found, and one of it is installed after a word', async (t) => {
  const { player, ran, done } = begin();
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
  const { player, ran } = begin({ bundles: found.slice(0, 1) });
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
  const { player, ran } = begin({ fails: true });
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
  const { player } = begin({ bundles: [] });
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
  const { player, ran } = begin({ record: { running: 'b', slots, last } });
  await player.see(/The update from 0\.1\.0 to 0\.2\.0 was confirmed/);
  await player.see(/3 {2}Go back to kmip-edge 0\.1\.0/);
  player.type('3');
  await player.see(/restarts into the system from before/);
  player.type('update\n');
  await player.see(/The appliance restarts into it now/);
  t.deepEqual(ran, ['return']);
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
