// Small charts over time: lines, or bars on top of one another. The drawing is for the eye; everybody else, and whoever
// wants the figures, opens the table under it. Many values are put together to as many as can be told apart.

import { useState } from 'preact/hooks';
import { moment } from '../format.ts';
import { html, type Node, put } from '../html.ts';
import { gather, largest, type Point, type Recorded, type Series, scaleTop } from './chart-points.ts';
import { table } from './table.ts';

export interface ChartOptions extends Recorded {
  readonly title: string;
  readonly kind: 'lines' | 'bars';
  /** A value as text. */
  readonly unit: (value: number) => string;
  /** The top of the scale, where it is not the largest value. */
  readonly top?: number;
}

export const chart = (options: ChartOptions): Node => put(Chart, options);

const shown = 96;
const inTable = 24;
const [width, height] = [960, 160];

const Chart = (options: ChartOptions): Node => {
  const [open, setOpen] = useState(false);
  const { title, series } = options;
  const points = gather(options, shown);
  const isKnown = points.some(({ values }) => values.some((value) => value !== null));
  return html`<figure class="chart">
    <figcaption>${title}</figcaption>
    ${isKnown && legend(series)}
    ${isKnown ? plot(options, points) : html`<p class="chart-none">Nothing has been recorded yet.</p>`}
    ${
      isKnown &&
      html`<details onToggle=${(event: Event) => setOpen((event.currentTarget as HTMLDetailsElement).open)}>
        <summary>The same as a table</summary>
        ${open && figures(options)}
      </details>`
    }
  </figure>`;
};

const legend = (series: readonly Series[]): Node =>
  html`<ul class="chart-legend">${series.map(
    ({ name, colour }) =>
      html`<li key=${name}><span class=${`chart-key chart-${colour}`} aria-hidden="true"></span>${name}</li>`,
  )}</ul>`;

const plot = ({ kind, times, series, unit, top: given }: ChartOptions, points: readonly Point[]): Node => {
  // Whole things are counted in bars: a scale that ends at one would be marked in halves.
  const top = given ?? scaleTop(Math.max(kind === 'bars' ? 2 : 0, largest(points, kind === 'bars')));
  return html`<div class="chart-plot" aria-hidden="true">
    <div class="chart-scale"><span>${unit(top)}</span><span>${unit(top / 2)}</span><span>${unit(0)}</span></div>
    <svg viewBox=${`0 0 ${width} ${height}`} preserveAspectRatio="none" focusable="false">
      ${[0, 0.5, 1].map((part) => html`<path class="chart-line-of-scale" d=${`M0 ${part * height}H${width}`} />`)}
      ${kind === 'lines' ? lines(points, series, top) : bars(points, series, top)}
    </svg>
    <div class="chart-times">${[times.at(0), times.at(-1)].map((time) => time !== undefined && html`<span>${moment(new Date(time).toISOString())}</span>`)}</div>
  </div>`;
};

const round = (value: number): number => Math.round(value * 10) / 10;

const lines = (points: readonly Point[], series: readonly Series[], top: number): readonly Node[] =>
  series.map(({ name, colour }, index) => {
    const step = width / Math.max(1, points.length - 1);
    const known = (at: number): boolean => (points[at]?.values[index] ?? null) !== null;
    const drawn = { line: '', alone: '' };
    for (const [at, { values }] of points.entries()) {
      if (!known(at)) continue;
      const place = `${round(at * step)} ${round(height * (1 - Math.min(1, (values[index] ?? 0) / top)))}`;
      drawn.line += `${known(at - 1) ? 'L' : 'M'}${place}`;
      // What is known between what is not has no line, so it becomes a point.
      if (!known(at - 1) && !known(at + 1)) drawn.alone += `M${place}h0`;
    }
    return html`<g key=${name} class=${`chart-line chart-${colour}`}><path d=${drawn.line} /><path class="chart-point" d=${drawn.alone} /></g>`;
  });

const bars = (points: readonly Point[], series: readonly Series[], top: number): readonly Node[] => {
  const step = width / Math.max(1, points.length);
  const heights = points.map(() => 0);
  return series.map(({ name, colour }, index) => {
    const drawing = points.map(({ values }, at) => {
      const size = ((values[index] ?? 0) / top) * height;
      const from = heights[at] ?? 0;
      heights[at] = from + size;
      if (size === 0) return '';
      return `M${round(at * step + step * 0.1)} ${round(height - from)}v${-round(size)}h${round(step * 0.8)}v${round(size)}z`;
    });
    return html`<path key=${name} class=${`chart-bar chart-${colour}`} d=${drawing.join('')} />`;
  });
};

const figures = (options: ChartOptions): Node =>
  table({
    caption: options.title,
    hideCaption: true,
    rows: gather(options, inTable).toReversed(),
    key: ({ time }) => String(time),
    none: 'Nothing has been recorded yet',
    columns: [
      { title: 'From', cell: ({ time }) => moment(new Date(time).toISOString()) },
      ...options.series.map(({ name }, index) => ({
        title: name,
        kind: 'number' as const,
        cell: ({ values }: Point) => {
          const value = values[index] ?? null;
          return value === null ? '–' : options.unit(value);
        },
      })),
    ],
  });
