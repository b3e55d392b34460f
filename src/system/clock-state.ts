// How far off the clock is, as chrony says.

import type { Machine } from './machine.ts';

export interface ClockState {
  /** Where the time comes from; undefined while nobody has told it. */
  readonly source: string | undefined;
  /** Seconds by which the clock is behind (+) or ahead (-) of it. */
  readonly offset: number;
}

/** The machine's clock. Throws `internal` where chrony does not answer. */
export const clockState = async ({ run }: Machine): Promise<ClockState> =>
  readTracking(await run('chronyc', ['-c', 'tracking']));

/** Reads the line of `chronyc -c tracking`: identifier, name, stratum, reference time, offset of the system clock, … */
export const readTracking = (text: string): ClockState => {
  const [, name = '', stratum = '', , offset = ''] = text.trim().split(',');
  const isSet = name !== '' && Number(stratum) > 0;
  return { source: isSet ? name : undefined, offset: Number(offset) || 0 };
};

/** Sources one a line: mark, name, how long ago it was heard. */
export const timeSources = async ({ run }: Machine): Promise<readonly string[]> => {
  const rows = (await run('chronyc', ['-c', 'sources'])).trim().split('\n');
  return rows.filter((row) => row !== '').map(sourceText);
};

const states: Readonly<Record<string, string>> = {
  '*': 'in use',
  '+': 'good',
  '-': 'good, not needed',
  '?': 'does not answer',
  x: 'tells another time than the others',
  '~': 'its time jumps',
};

const sourceText = (row: string): string => {
  const [, state = '', name = ''] = row.split(',');
  return `${name}: ${states[state] ?? 'not known yet'}`;
};

/** Where the clock is off by more, what depends on it (leases, certificates) may be judged wrongly; seconds. */
export const largestOffset = 5;

/** Asks chrony to set the clock now, in one step. */
export const stepClock = async ({ run }: Machine): Promise<void> => {
  await run('chronyc', ['-a', 'burst', '3/5']);
  await run('chronyc', ['waitsync', '10', '0', '0', '1'], { timeout: 30_000 }).catch(() => '');
  await run('chronyc', ['makestep']);
};
