// What can be on the screen: state that draws itself as lines and takes keys, and nothing else. All of them have the same
// frame: a title, a body that scrolls to where the hand is, and a last line that says which keys do what.

import type { Key } from './keys.ts';
import { type Line, line, type Size } from './screen.ts';

/** `back`: Esc, whoever is here wants to leave without doing anything. */
export type Outcome<T> = { readonly done: T } | 'back';

export interface Widget<T> {
  lines(size: Size): readonly Line[];
  /** What came of it; undefined while it goes on. */
  key(key: Key): Outcome<T> | undefined;
  /** Written as it is from the top of an empty screen, so that it can be marked and copied; instead of `lines`. */
  readonly print?: string;
}

export interface Frame {
  readonly title: string;
  readonly body: readonly Line[];
  /** The row of the body that has to be seen; default: the first. */
  readonly focus?: number;
  /** Such as `Enter: go on   Esc: back`. */
  readonly keys: string;
}

/** Title, an empty line above and below the body, and the keys. */
const ownRows = 4;

/** Rows of a body that are seen at once. */
export const bodyRows = ({ rows }: Size): number => Math.max(1, rows - ownRows);

/** The whole screen. */
export const framed = ({ title, body, focus = 0, keys }: Frame, size: Size): readonly Line[] => {
  const height = bodyRows(size);
  const first = Math.max(0, Math.min(focus - Math.floor(height / 2), body.length - height));
  const seen = body.slice(first, first + height);
  const above = line(first > 0 ? ' ... more above' : '', 'faint');
  const below = line(first + height < body.length ? ' ... more below' : '', 'faint');
  const filling = Array.from({ length: height - seen.length }, () => line(''));
  return [line(` ${title}`, 'title'), above, ...seen, ...filling, below, line(` ${keys}`, 'title')];
};
