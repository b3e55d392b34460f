// The system disk of the appliance under Linux. Its other partitions are found beside the one that is the root, never by a
// name alone: a second disk of the same kind may be attached.

import { constants } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EdgeError } from '../errors.ts';
import { environmentBytes, parseEnvironment, renderEnvironment } from './grub-environment.ts';
import type { Slot, SystemDisk } from './slots.ts';
import type { Run } from './trial.ts';
import { isVersion } from './versions.ts';

const environmentFile = 'EFI/debian/grubenv';
const timeout = 60_000;
/** Below the root of a system. */
const packageFile = 'opt/kmip-edge/package.json';
/** Bytes in one write or read. */
const portion = 1024 * 1024;

/** What the boot loader told the kernel: which slot, and whether on trial. Undefined where this is no appliance. */
export const startedFrom = (commandLine: string): { readonly running: Slot; readonly onTrial: boolean } | undefined => {
  const words = commandLine.trim().split(/\s+/);
  const slot = words.find((word) => word.startsWith('kmip-edge.slot='))?.slice('kmip-edge.slot='.length);
  if (slot !== 'a' && slot !== 'b') return undefined;
  return { running: slot, onTrial: words.includes('kmip-edge.trial') };
};

/** Device paths by partition label, of the disk whose partition is the root. `rows` is what lsblk says. */
export const partitionsOf = (rows: string): ReadonlyMap<string, string> =>
  new Map(
    rows.split('\n').flatMap((row) => {
      const [device, label] = row.trim().split(/\s+/);
      return device && label ? [[label, device] as const] : [];
    }),
  );

/** Opens the disk. Throws `feature-not-supported` where this is no appliance. `scratch` is a folder that ends with a restart. */
export const openSystemDisk = async (run: Run, scratch: string): Promise<SystemDisk> => {
  const started = startedFrom(await readFile('/proc/cmdline', 'utf8'));
  if (!started) throw new EdgeError('feature-not-supported', 'this is not the appliance: it has no system slots');
  const root = (await run('findmnt', ['--noheadings', '--output', 'SOURCE', '/'], timeout)).trim();
  const disk = (
    await run('lsblk', ['--noheadings', '--nodeps', '--paths', '--output', 'PKNAME', root], timeout)
  ).trim();
  const partitions = partitionsOf(
    await run('lsblk', ['--noheadings', '--raw', '--paths', '--output', 'NAME,PARTLABEL', disk], timeout),
  );
  const device = (label: string): string => {
    const path = partitions.get(label);
    if (path === undefined) throw new EdgeError('data-damaged', `the system disk has no partition ${label}`);
    return path;
  };
  const withBootPartition = async <T>(how: 'ro' | 'rw', act: (path: string) => Promise<T>): Promise<T> => {
    const place = join(scratch, 'esp');
    await mkdir(place, { recursive: true, mode: 0o700 });
    const options = `${how},nosuid,nodev,noexec,umask=0077`;
    await run('mount', ['-t', 'vfat', '-o', options, device('efi'), place], timeout);
    try {
      return await act(join(place, environmentFile));
    } finally {
      await run('umount', [place], timeout);
    }
  };
  return {
    ...started,
    versionIn: (slot) => versionOn(run, device(`slot-${slot}`), join(scratch, 'slot')),
    capacity: async (slot) => Number((await run('blockdev', ['--getsize64', device(`slot-${slot}`)], timeout)).trim()),
    write: (slot, pieces) => writeDevice(device(`slot-${slot}`), pieces),
    async *read(slot, bytes) {
      const path = device(`slot-${slot}`);
      // Else memory would answer, and not the disk.
      await run('blockdev', ['--flushbufs', path], timeout);
      yield* readDevice(path, bytes);
    },
    environment: () => withBootPartition('ro', async (path) => parseEnvironment(await readFile(path))),
    setEnvironment: (variables) => withBootPartition('rw', (path) => overwrite(path, renderEnvironment(variables))),
  };
};

/** The version of the system on a device that is mounted at `place` for it; undefined where there is none. */
export const versionOn = async (run: Run, device: string, place: string): Promise<string | undefined> => {
  await mkdir(place, { recursive: true, mode: 0o700 });
  try {
    await run('mount', ['-o', 'ro,nosuid,nodev,noexec', device, place], timeout);
  } catch {
    // An empty slot, or one that was written in part.
    return undefined;
  }
  try {
    const { version } = JSON.parse(await readFile(join(place, packageFile), 'utf8')) as { readonly version?: unknown };
    return typeof version === 'string' && isVersion(version) ? version : undefined;
  } catch {
    return undefined;
  } finally {
    await run('umount', [place], timeout);
  }
};

/** The kernel refuses O_EXCL for a device that is in use. */
const writeDevice = async (path: string, pieces: AsyncIterable<Buffer>): Promise<void> => {
  const device = await open(path, constants.O_WRONLY | constants.O_EXCL);
  try {
    let place = 0;
    for await (const whole of inPortions(pieces)) {
      for (let done = 0; done < whole.length; ) {
        const { bytesWritten } = await device.write(whole, done, whole.length - done, place + done);
        done += bytesWritten;
      }
      place += whole.length;
    }
    await device.sync();
  } finally {
    await device.close();
  }
};

async function* inPortions(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const held = Buffer.alloc(portion);
  let filled = 0;
  for await (const piece of pieces) {
    for (let taken = 0; taken < piece.length; ) {
      const count = piece.copy(held, filled, taken);
      taken += count;
      filled += count;
      if (filled < portion) continue;
      yield held;
      filled = 0;
    }
  }
  if (filled > 0) yield held.subarray(0, filled);
}

async function* readDevice(path: string, bytes: number): AsyncGenerator<Buffer> {
  const device = await open(path, 'r');
  try {
    for (let place = 0; place < bytes; ) {
      const { bytesRead, buffer } = await device.read(Buffer.alloc(Math.min(portion, bytes - place)), 0, null, place);
      if (bytesRead === 0) return;
      place += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await device.close();
  }
}

/** In place: see grub-environment.ts. */
const overwrite = async (path: string, block: Buffer): Promise<void> => {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    if (size !== environmentBytes) throw new EdgeError('data-damaged', `${environmentFile} has ${size} bytes`);
    await file.write(block, 0, block.length, 0);
    await file.sync();
  } finally {
    await file.close();
  }
};
