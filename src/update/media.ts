// Updates on what is attached to the machine: a disc in the drive, or a further disk. The disks of the appliance itself are not
// looked at, and nothing is ever written to the others: not even what their journals still hold.

import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EdgeError } from '../errors.ts';
import type { Run } from './trial.ts';

export interface FoundBundle {
  readonly device: string;
  readonly name: string;
  readonly bytes: number;
}

const timeout = 60_000;
/** File systems that are mounted for this; whatever else is attached stays closed. */
const fileSystems: ReadonlySet<string> = new Set(['iso9660', 'vfat', 'ext4', 'ext3', 'ext2']);
const ending = '.update';
const ownLabels: ReadonlySet<string> = new Set(['kmip-edge-data', 'system', 'EFI']);
const mostFiles = 50;

/** What is attached and has a file system. */
export interface Medium {
  readonly device: string;
  readonly fileSystem: string;
  /** Of the file system; empty where it has none. */
  readonly label: string;
}

interface BlockDevice {
  readonly path: string;
  readonly fstype: string | null;
  readonly label: string | null;
  readonly mountpoints: readonly (string | null)[];
  readonly children?: readonly BlockDevice[];
}

/** Devices with a file system that nobody uses, by what lsblk says in JSON. */
export const candidatesOf = (lsblk: string): readonly Medium[] => {
  const { blockdevices = [] } = JSON.parse(lsblk) as { readonly blockdevices?: readonly BlockDevice[] };
  const all = (devices: readonly BlockDevice[]): readonly BlockDevice[] =>
    devices.flatMap((device) => [device, ...all(device.children ?? [])]);
  const isInUse = ({ mountpoints, children = [] }: BlockDevice): boolean =>
    mountpoints.some((place) => place !== null) || children.some(isInUse);
  return blockdevices
    .filter((disk) => !isInUse(disk))
    .flatMap((disk) => all([disk]))
    .flatMap(({ path, fstype, label }) =>
      fstype !== null && fileSystems.has(fstype) && !ownLabels.has(label ?? '')
        ? [{ device: path, fileSystem: fstype, label: label ?? '' }]
        : [],
    );
};

/** File systems whose journal the kernel would write back although it mounts them for reading (ext4(5): noload). */
const journalled: ReadonlySet<string> = new Set(['ext3', 'ext4']);

/** Mounts a device for reading while `act` runs. */
export const withMedium = async <T>(
  run: Run,
  scratch: string,
  { device, fileSystem }: Medium,
  act: (directory: string) => Promise<T> | T,
): Promise<T> => {
  const place = join(scratch, 'medium');
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const options = `ro,nosuid,nodev,noexec${journalled.has(fileSystem) ? ',noload' : ''}`;
  await run('mount', ['-t', fileSystem, '-o', options, device, place], timeout);
  try {
    return await act(place);
  } finally {
    await run('umount', [place], timeout);
  }
};

/** The bundles in the first folder of everything that is attached. What cannot be read is passed over. */
export const findBundles = async (run: Run, scratch: string): Promise<readonly FoundBundle[]> => {
  const found: FoundBundle[] = [];
  for (const candidate of await listMedia(run)) {
    const names = await withMedium(run, scratch, candidate, bundlesIn).catch(() => []);
    found.push(...names.map((bundle) => ({ device: candidate.device, ...bundle })));
  }
  return found;
};

/** Gives the path of one of them while `act` runs. Throws `item-not-found` where it is not there any more. */
export const withBundle = async <T>(
  run: Run,
  scratch: string,
  { device, name }: Pick<FoundBundle, 'device' | 'name'>,
  act: (path: string) => Promise<T>,
): Promise<T> => {
  const candidate = (await listMedia(run)).find((one) => one.device === device);
  if (!candidate) throw new EdgeError('item-not-found', `there is no medium in ${device}`);
  return withMedium(run, scratch, candidate, (directory) => {
    if (!bundlesIn(directory).some((bundle) => bundle.name === name)) {
      throw new EdgeError('item-not-found', `there is no ${name} on ${device}`);
    }
    return act(join(directory, name));
  });
};

/** What is attached beside the disks of the appliance. */
export const listMedia = async (run: Run): Promise<readonly Medium[]> =>
  candidatesOf(await run('lsblk', ['--json', '--paths', '--output', 'PATH,FSTYPE,LABEL,MOUNTPOINTS'], timeout));

const bundlesIn = (directory: string): readonly Omit<FoundBundle, 'device'>[] =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .slice(0, mostFiles)
    .map(({ name }) => ({ name, bytes: statSync(join(directory, name)).size }));
