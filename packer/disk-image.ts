// Disks in the form that an OVA carries: VMDK, stream-optimised, so that vSphere can read the file as it arrives.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { DiskFile } from './ovf.ts';

const convert = (from: string, to: string): void => {
  // The controller is that of the descriptor; of what qemu-img can write here, vSphere accepts this for any SCSI one.
  const form = 'subformat=streamOptimized,adapter_type=lsilogic';
  execFileSync('qemu-img', ['convert', '-O', 'vmdk', '-o', form, from, to]);
};

/** Bytes that the virtual disk really holds. */
const populatedBytes = (disk: string): number => {
  const info = execFileSync('qemu-img', ['info', '--output=json', disk]).toString();
  return (JSON.parse(info) as { readonly 'actual-size': number })['actual-size'];
};

/** Writes the disk `from`, in any format that QEMU reads, to the VMDK `to`. */
export const systemDisk = (from: string, to: string): DiskFile => {
  convert(from, to);
  return { id: 'system', name: basename(to), bytes: statSync(to).size, populatedBytes: populatedBytes(from) };
};

/** Writes a disk without content to the VMDK `to`. */
export const blankDisk = (bytes: number, to: string): DiskFile => {
  const stage = mkdtempSync(join(tmpdir(), 'kmip-edge-disk-'));
  try {
    const raw = join(stage, 'blank');
    execFileSync('qemu-img', ['create', '-q', '-f', 'raw', raw, String(bytes)]);
    convert(raw, to);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  return { id: 'data', name: basename(to), bytes: statSync(to).size, populatedBytes: 0 };
};
