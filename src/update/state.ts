// What is remembered of updates on the data disk, beside the database and not in it: it must be readable by whichever system
// starts next. `pending.json` is there from the moment before a system is tried until it is known what became of it;
// `record.json` says what stands in the slots and how the last attempt ended.

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../whole-file.ts';
import type { Slot } from './slots.ts';
import { isVersion } from './versions.ts';

export interface SystemInSlot {
  readonly version: string;
  /** The version of the database that it writes. */
  readonly schema: number;
}

/** What is about to be tried. */
export interface Pending extends SystemInSlot {
  readonly kind: 'update' | 'return';
  readonly slot: Slot;
  /** The version that ran before. */
  readonly from: string;
  /** Why it was given up, where the tried system could still say so. */
  readonly problem?: string | undefined;
}

export interface Outcome {
  readonly kind: 'update' | 'return';
  readonly version: string;
  readonly from: string;
  /** `returned`: the system before it runs again. */
  readonly outcome: 'confirmed' | 'returned';
  /** ISO 8601. */
  readonly at: string;
  readonly problem?: string | undefined;
}

export interface UpdateRecord {
  /** Of the two, as it was when this was written. */
  readonly running?: Slot | undefined;
  readonly slots: Readonly<Partial<Record<Slot, SystemInSlot>>>;
  readonly last?: Outcome | undefined;
}

const longestProblem = 1000;

export class UpdateState {
  readonly #pending: string;
  readonly #record: string;

  constructor(directory: string) {
    this.#pending = join(directory, 'pending.json');
    this.#record = join(directory, 'record.json');
  }

  /** Undefined where nothing is being tried; a damaged file means that too. */
  pending(): Pending | undefined {
    const value = read(this.#pending);
    return isPending(value) ? value : undefined;
  }

  setPending(pending: Pending): void {
    const { problem } = pending;
    const cut = problem === undefined ? {} : { problem: problem.slice(0, longestProblem) };
    writeWhole(this.#pending, `${JSON.stringify({ ...pending, ...cut })}\n`, 0o644);
  }

  clearPending(): void {
    rmSync(this.#pending, { force: true });
  }

  record(): UpdateRecord {
    const value = read(this.#record);
    const { running, slots, last } = (value ?? {}) as Partial<UpdateRecord>;
    const known = Object.entries(slots ?? {}).filter(([name, system]) => /^[ab]$/.test(name) && isSystem(system));
    return {
      slots: Object.fromEntries(known),
      ...(running === 'a' || running === 'b' ? { running } : {}),
      ...(isOutcome(last) ? { last } : {}),
    };
  }

  setRecord(record: UpdateRecord): void {
    writeWhole(this.#record, `${JSON.stringify(record)}\n`, 0o644);
  }
}

const read = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
};

type Unknown<T> = { readonly [P in keyof T]?: unknown };

const isSystem = (value: unknown): value is SystemInSlot => {
  const { version, schema } = (value ?? {}) as Unknown<SystemInSlot>;
  return typeof version === 'string' && isVersion(version) && typeof schema === 'number';
};

const isPending = (value: unknown): value is Pending => {
  const { kind, slot, from, problem = '' } = (value ?? {}) as Unknown<Pending>;
  const texts = [from, problem].every((text) => typeof text === 'string');
  return isSystem(value) && isKindOfTrial(kind) && (slot === 'a' || slot === 'b') && texts;
};

const isKindOfTrial = (kind: unknown): boolean => kind === 'update' || kind === 'return';

const isOutcome = (value: unknown): value is Outcome => {
  const { kind, version, from, outcome, at, problem = '' } = (value ?? {}) as Unknown<Outcome>;
  const texts = [version, from, at, problem].every((text) => typeof text === 'string');
  return (
    texts &&
    !Number.isNaN(Date.parse(String(at))) &&
    isKindOfTrial(kind) &&
    (outcome === 'confirmed' || outcome === 'returned')
  );
};
