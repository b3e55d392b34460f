// The slots of the storage key and the data behind them, as they are shown: also of a server that is locked, because the
// database tells this much without the storage key.

import type { Store, StoreReader } from '../keys/ports.ts';
import type { SealSlot } from '../keys/seal-ports.ts';
import type { MachineFacts } from '../machine.ts';
import type { SealedDataView, SlotView } from './api/seal.ts';

const kinds = ['credential', 'key-protect', 'passphrase'] as const;

/** `opened` is the slot that opened the storage key this time. */
export const slotView = (slot: SealSlot, machine: MachineFacts | undefined, opened: string | undefined): SlotView => {
  const kind = kinds.find((one) => one === slot.kind) ?? 'unknown';
  return {
    id: slot.id,
    kind,
    what: wordsOf(slot, machine),
    createdAt: new Date(slot.createdAt).toISOString(),
    byItself: kind === 'credential' || kind === 'key-protect',
    opened: slot.id === opened,
  };
};

const wordsOf = ({ kind, parameters }: SealSlot, machine: MachineFacts | undefined): string => {
  if (kind === 'passphrase') return 'the recovery passphrase';
  if (kind === 'key-protect')
    return `the root key of service instance '${parameters['instance']}', when Key Protect answers`;
  if (kind !== 'credential') return `a slot of the kind ${kind}, which this version does not know`;
  if (parameters['keeper'] === 'systemd') return machine ? 'the TPM of its machine' : 'a credential of systemd';
  return 'a file beside the data: whoever copies both can open them';
};

/** What the database holds, without opening any of it. */
export const sealedData = (
  { instances, objects }: StoreReader,
  usedAt: number | undefined,
): Pick<SealedDataView, 'instances' | 'keys' | 'lastUsed'> => {
  const all = instances.instances();
  return {
    instances: all.length,
    keys: all.reduce((keys, { id }) => keys + objects.count(id), 0),
    ...(usedAt === undefined ? {} : { lastUsed: new Date(usedAt).toISOString() }),
  };
};

/**
 * When a server last ran on the data, to the minute; to be asked before this one has written its own minutes. Undefined
 * where that is not known, or damaged.
 */
export const lastUsed = ({ telemetry }: Store): number | undefined => {
  try {
    const last = telemetry.minutes().at(-1);
    return last && last.minute * 60_000;
  } catch {
    // No key depends on it, and whoever shows the minutes says that they are damaged.
    return undefined;
  }
};
