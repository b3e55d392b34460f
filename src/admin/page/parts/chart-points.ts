// What a chart draws, computed: many values put together to as many as can be told apart, and a scale that can be read.

export interface Series {
  readonly name: string;
  /** One of Carbon's five colours for series. */
  readonly colour: 1 | 2 | 3 | 4 | 5;
  /** One for each of `times`; null where nothing is known. */
  readonly values: readonly (number | null)[];
}

/** How several values become one. */
export type Together = 'sum' | 'mean' | 'largest';

export interface Point {
  readonly time: number;
  readonly values: readonly (number | null)[];
}

export interface Recorded {
  /** The beginnings of the steps, milliseconds since 1970, in order. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly together: Together;
}

/** At most `most` points; each stands for as many steps. */
export const gather = ({ times, series, together }: Recorded, most: number): readonly Point[] => {
  const size = Math.max(1, Math.ceil(times.length / most));
  const points: Point[] = [];
  for (let at = 0; at < times.length; at += size) {
    const values = series.map(({ values: all }) => one(all.slice(at, at + size), together));
    points.push({ time: times[at] ?? 0, values });
  }
  return points;
};

const one = (values: readonly (number | null)[], together: Together): number | null => {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  if (together === 'largest') return Math.max(...known);
  const sum = known.reduce((total, value) => total + value, 0);
  return together === 'sum' ? sum : sum / known.length;
};

/** The largest value, or the largest sum where they are drawn on top of one another. */
export const largest = (points: readonly Point[], stacked: boolean): number =>
  Math.max(
    0,
    ...points.map(({ values }) => {
      const known = values.map((value) => value ?? 0);
      return stacked ? known.reduce((sum, value) => sum + value, 0) : Math.max(0, ...known);
    }),
  );

/** The next 1, 2 or 5 times a power of ten: a scale that can be read. */
export const scaleTop = (value: number): number => {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((step) => step * power >= value * 0.999_999) ?? 10);
};
