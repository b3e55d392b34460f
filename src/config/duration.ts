// Lengths of time as people write them: '10 s', '5 min', '1 h 30 min', '3 d'. A unit is always written, so that nobody
// has to guess whether a bare number means seconds or milliseconds; only 0 needs none.

import { EdgeError } from '../errors.ts';

/** Milliseconds, or no limit. */
export type Duration = number | 'unlimited';

/** Longest unit first: the order in which they are written. */
const units = { d: 86_400_000, h: 3_600_000, min: 60_000, s: 1000, ms: 1 } as const;
type Unit = keyof typeof units;
const unitList = Object.entries(units);

/** Each unit at most once, longest first. */
const shape =
  /^(?:(\d{1,9})\s*d)?\s*(?:(\d{1,9})\s*h)?\s*(?:(\d{1,9})\s*min)?\s*(?:(\d{1,9})\s*s)?\s*(?:(\d{1,9})\s*ms)?$/;

/**
 * The milliseconds that `text` stands for; 'unlimited' only where the caller allows it.
 * @throws EdgeError `invalid-field`
 */
export function parseDuration(text: string): number;
export function parseDuration(text: string, allow: { readonly unlimited: true }): Duration;
export function parseDuration(text: string, allow: { readonly unlimited?: true } = {}): Duration {
  const trimmed = text.trim();
  if (trimmed === 'unlimited' && allow.unlimited) return 'unlimited';
  if (trimmed === '0') return 0;
  const counts = trimmed === '' ? undefined : shape.exec(trimmed)?.slice(1);
  if (counts === undefined) throw notADuration(text, allow.unlimited === true);
  return unitList.reduce((sum, [, size], index) => sum + Number(counts[index] ?? 0) * size, 0);
}

const notADuration = (text: string, unlimited: boolean): EdgeError =>
  new EdgeError('invalid-field', `${JSON.stringify(text)} is not a duration`, {
    hint: `write a number and a unit, such as '10 s', '5 min', '72 h' or '3 d'${unlimited ? ", or 'unlimited'" : ''}`,
  });

/** For people: the largest unit and the one below it, the rest cut off, such as '1 h 30 min'. Negative counts as 0. */
export const formatDuration = (duration: Duration): string => {
  if (duration === 'unlimited') return duration;
  const ms = Math.max(0, Math.floor(duration));
  const first = unitList.findIndex(([, size]) => ms >= size);
  if (first === -1) return '0 s';
  const [[unit, size], below] = [unitList[first] as [Unit, number], unitList[first + 1]];
  const rest = below && Math.floor((ms % size) / below[1]);
  return `${Math.floor(ms / size)} ${unit}${below && rest ? ` ${rest} ${below[0]}` : ''}`;
};
