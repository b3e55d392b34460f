// The two system slots and what the boot loader is told about them. `slot` names the one that starts; `trial` the one that
// starts once, and is forgotten by the boot loader before it loads the kernel.

import type { GrubEnvironment } from './grub-environment.ts';

export const slotNames = ['a', 'b'] as const;
export type Slot = (typeof slotNames)[number];

export const otherSlot = (slot: Slot): Slot => (slot === 'a' ? 'b' : 'a');

/** The disk of the system, as an update needs it. Whatever changes has reached the disk when the promise resolves. */
export interface SystemDisk {
  /** The slot that runs. */
  readonly running: Slot;
  /** True where it runs on trial. */
  readonly onTrial: boolean;
  /** In bytes. */
  capacity(slot: Slot): Promise<number>;
  /** Overwrites a slot from its beginning. */
  write(slot: Slot, pieces: AsyncIterable<Buffer>): Promise<void>;
  /** What the disk itself has, not what memory remembers of it. */
  read(slot: Slot, bytes: number): AsyncIterable<Buffer>;
  /** The version of the system that a slot holds; undefined where it holds none that can be read. */
  versionIn(slot: Slot): Promise<string | undefined>;
  environment(): Promise<GrubEnvironment>;
  setEnvironment(variables: GrubEnvironment): Promise<void>;
}

/** What starts next is what runs now, whatever was asked for before. Writes nothing where it is so already. */
export const settleOn = async (disk: SystemDisk): Promise<void> => {
  const { trial, ...variables } = await disk.environment();
  if (trial === undefined && variables['slot'] === disk.running) return;
  await disk.setEnvironment({ ...variables, slot: disk.running });
};

/** The other slot starts next, once. */
export const tryOther = async (disk: SystemDisk): Promise<void> => {
  const variables = await disk.environment();
  await disk.setEnvironment({ ...variables, trial: otherSlot(disk.running) });
};
