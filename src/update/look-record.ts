// What came of the last look for an update: beside the record of updates, so that it outlives the restart that an update
// ends with.

import { join } from 'node:path';
import { writeWhole } from '../whole-file.ts';
import { readSmallFile } from './files.ts';

/**
 * `nothing`: what is there is no newer. `given-up`: it is newer, and was tried and went away again. `taken`: it was installed
 * and is tried. `not-now`: the appliance was in no state for an update. `failed`: it was not found, not fetched, or refused.
 */
export const lookEnds = ['nothing', 'given-up', 'taken', 'not-now', 'failed'] as const;

export interface Look {
  /** ISO 8601. */
  readonly at: string;
  readonly found: (typeof lookEnds)[number];
  /** Of what lies there, where that was read. */
  readonly version?: string | undefined;
  /** Why, of `not-now` and `failed`. */
  readonly problem?: string | undefined;
  /** The first failure since which none succeeded; ISO 8601. */
  readonly failingSince?: string | undefined;
}

export type LookEnd = Pick<Look, 'found' | 'version' | 'problem'>;

const name = 'look.json';
const largest = 16 * 1024;
const longestProblem = 1000;

/** Undefined where nobody has looked; a damaged file means that too. */
export const readLook = (directory: string): Look | undefined => {
  try {
    const value: unknown = JSON.parse(readSmallFile(join(directory, name), largest) ?? '');
    return isLook(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** Writes down how a look ended. A failure remembers the first before it; a look that did not take place changes nothing of it. */
export const writeLook = (directory: string, { found, version, problem }: LookEnd, now: number): void => {
  const at = new Date(now).toISOString();
  const before = readLook(directory)?.failingSince;
  const since = { failed: before ?? at, 'not-now': before }[String(found)];
  const look: Look = {
    at,
    found,
    ...(version === undefined ? {} : { version }),
    ...(problem === undefined ? {} : { problem: problem.slice(0, longestProblem) }),
    ...(since === undefined ? {} : { failingSince: since }),
  };
  writeWhole(join(directory, name), `${JSON.stringify(look)}\n`, 0o644);
};

type Unknown<T> = { readonly [P in keyof T]?: unknown };

const isLook = (value: unknown): value is Look => {
  const { at, found, version = '', problem = '', failingSince = at } = (value ?? {}) as Unknown<Look>;
  const isMoment = (one: unknown): boolean => typeof one === 'string' && !Number.isNaN(Date.parse(one));
  const texts = [version, problem].every((text) => typeof text === 'string');
  return texts && isMoment(at) && isMoment(failingSince) && lookEnds.some((one) => one === found);
};
