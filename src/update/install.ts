// Puts a system into the slot that does not run. The order is what makes it safe: who signed it is known before anything
// is written; while the slot is written the boot loader knows of the running one alone; what was written is read back from
// the disk; and the one sector that says "try the other" is the last thing that changes. A power cut at any moment leaves a
// boot loader that starts a whole system.

import { createHash } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import type { Bundle } from './bundle.ts';
import { checkFits, type Manifest } from './manifest.ts';
import { otherSlot, type SystemDisk, settleOn, tryOther } from './slots.ts';
import type { SystemInSlot, UpdateState } from './state.ts';

export type Stage = 'checking' | 'writing' | 'verifying' | 'restarting';
export type Report = (stage: Stage, done: number, total: number) => void;

export interface InstallParts {
  readonly disk: SystemDisk;
  readonly state: UpdateState;
  /** What runs now. */
  readonly running: SystemInSlot;
  readonly report: Report;
}

/** Writes the bundle's system and has it tried at the next start. Throws what is wrong; what runs stays as it was then. */
export const install = async (bundle: Bundle, parts: InstallParts): Promise<void> => {
  const { disk, state, running, report } = parts;
  const { manifest } = bundle;
  await requireConfirmed(disk);
  const slot = otherSlot(disk.running);
  checkFits(manifest, running.version, await disk.capacity(slot));
  await settleOn(disk);
  state.clearPending();
  rememberSlots(parts, undefined);
  await disk.write(
    slot,
    counted(bundle.image(), manifest.image.size, (done, total) => report('writing', done, total)),
  );
  await verifySlot(parts, manifest);
  rememberSlots(parts, manifest);
  await tryNext(parts, { kind: 'update', ...systemOf(manifest) });
};

/**
 * Has the system in the other slot tried at the next start. Throws `wrong-state` where that would not work. What is remembered
 * of the slots lies on the data disk, which may have come from another machine: the slot itself has the last word.
 */
export const returnToOther = async (parts: InstallParts): Promise<void> => {
  const { disk, state, running } = parts;
  await requireConfirmed(disk);
  const other = state.record().slots[otherSlot(disk.running)];
  if (!other)
    throw new EdgeError('wrong-state', 'there is no other system to return to', { hint: 'none was replaced' });
  if (other.schema < running.schema) {
    const problem = `kmip-edge ${other.version} does not know the database as kmip-edge ${running.version} has changed it`;
    throw new EdgeError('wrong-state', problem, {
      hint: 'deploy that version anew and restore a backup that it made; keys made since then are not in it',
    });
  }
  const found = await disk.versionIn(otherSlot(disk.running));
  if (found !== other.version) {
    rememberSlots(parts, undefined);
    const holds = found === undefined ? 'no system' : `kmip-edge ${found}`;
    throw new EdgeError('wrong-state', `the other slot holds ${holds}, and not kmip-edge ${other.version}`, {
      hint: 'the data disk came from another machine: there is nothing to return to on this one',
    });
  }
  await settleOn(disk);
  await tryNext(parts, { kind: 'return', ...other });
};

const systemOf = ({ version, schema }: SystemInSlot): SystemInSlot => ({ version, schema });

const tryNext = async (
  { disk, state, running, report }: InstallParts,
  next: SystemInSlot & { readonly kind: 'update' | 'return' },
): Promise<void> => {
  state.setPending({ ...next, slot: otherSlot(disk.running), from: running.version });
  await tryOther(disk);
  report('restarting', 1, 1);
};

/** A system that is itself on trial may be the one that does not work. One that was confirmed is the permanent one. */
const requireConfirmed = async (disk: SystemDisk): Promise<void> => {
  if (!disk.onTrial || (await disk.environment())['slot'] === disk.running) return;
  throw new EdgeError('wrong-state', 'the running system is itself on trial', { hint: 'wait until it is confirmed' });
};

/** A slot that is being written holds nothing. */
const rememberSlots = ({ disk, state, running }: InstallParts, written: SystemInSlot | undefined): void => {
  const { last } = state.record();
  const own = { [disk.running]: systemOf(running) };
  const other = written ? { [otherSlot(disk.running)]: systemOf(written) } : {};
  state.setRecord({ running: disk.running, slots: { ...own, ...other }, last });
};

const verifySlot = async ({ disk, report }: InstallParts, { image }: Manifest): Promise<void> => {
  const hash = createHash('sha256');
  const pieces = disk.read(otherSlot(disk.running), image.size);
  for await (const piece of counted(pieces, image.size, (done, total) => report('verifying', done, total))) {
    hash.update(piece);
  }
  if (hash.digest('hex') === image.sha256) return;
  throw new EdgeError('data-damaged', 'what was written to the disk is read back differently', {
    hint: 'the system disk may be failing; the system that runs was not changed',
  });
};

async function* counted(
  pieces: AsyncIterable<Buffer>,
  total: number,
  report: (done: number, total: number) => void,
): AsyncGenerator<Buffer> {
  let done = 0;
  report(0, total);
  for await (const piece of pieces) {
    yield piece;
    done += piece.length;
    report(done, total);
  }
}
