// What is attached, and the slot that does not run, are only ever read, and let go again whatever happens.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { versionOn } from '../../src/update/linux-disk.ts';
import { findBundles, withBundle } from '../../src/update/media.ts';
import type { Run } from '../../src/update/trial.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const attached = (...systems: readonly string[]): string =>
  JSON.stringify({
    blockdevices: systems.map((fstype, index) => ({
      path: `/dev/sd${'cdef'[index]}`,
      fstype,
      label: null,
      mountpoints: [null],
    })),
  });

test('a file system with a journal is not even given back what its journal holds', async (t) => {
  const mounted: string[] = [];
  const run: Run = async (program, args) => {
    if (program === 'lsblk') return attached('ext4', 'ext3', 'ext2', 'iso9660');
    if (program === 'mount') mounted.push(args.slice(1, 4).join(' '));
    return '';
  };
  await findBundles(run, temporaryDirectory(t));
  t.deepEqual(mounted, [
    'ext4 -o ro,nosuid,nodev,noexec,noload',
    'ext3 -o ro,nosuid,nodev,noexec,noload',
    'ext2 -o ro,nosuid,nodev,noexec',
    'iso9660 -o ro,nosuid,nodev,noexec',
  ]);
});

test('a bundle is named by what lies in the first folder, and nothing above it', async (t) => {
  const scratch = temporaryDirectory(t);
  writeFileSync(join(scratch, 'outside.update'), 'x');
  const ran: string[] = [];
  const run: Run = async (program, args) => {
    ran.push(program);
    if (program === 'mount') writeFileSync(join(args.at(-1) ?? '', 'one.update'), 'x');
    return program === 'lsblk' ? attached('vfat') : '';
  };
  t.regex(
    await withBundle(run, scratch, { device: '/dev/sdc', name: 'one.update' }, async (path) => path),
    /one\.update$/,
  );
  const outside = withBundle(run, scratch, { device: '/dev/sdc', name: '../outside.update' }, async (path) => path);
  await t.throwsAsync(outside, { message: 'there is no ../outside.update on /dev/sdc' });
  t.deepEqual(ran, ['lsblk', 'mount', 'umount', 'lsblk', 'mount', 'umount']);
});

const slots: readonly (readonly [what: string, content: string | undefined, version: string | undefined])[] = [
  ['a system', '{"name":"kmip-edge","version":"0.2.0"}', '0.2.0'],
  ['no system', undefined, undefined],
  ['a half one', '{"name":"kmip-', undefined],
  ['a system without a version', '{"version":7}', undefined],
];
for (const [what, content, version] of slots) {
  test(`a slot with ${what} is looked into and let go`, async (t) => {
    const place = join(temporaryDirectory(t), 'slot');
    const ran: string[] = [];
    const run: Run = async (program, args) => {
      ran.push([program, ...args].join(' '));
      if (program !== 'mount' || content === undefined) return '';
      mkdirSync(join(place, 'opt/kmip-edge'), { recursive: true });
      writeFileSync(join(place, 'opt/kmip-edge/package.json'), content);
      return '';
    };
    t.is(await versionOn(run, '/dev/sda3', place), version);
    t.deepEqual(ran, [`mount -o ro,nosuid,nodev,noexec /dev/sda3 ${place}`, `umount ${place}`]);
  });
}

test('an empty slot, which cannot be mounted, holds no system', async (t) => {
  const run: Run = async () => {
    throw new Error('mount: wrong fs type');
  };
  t.is(await versionOn(run, '/dev/sda3', join(temporaryDirectory(t), 'slot')), undefined);
});
