// The last day of the appliance, as charts.

import type { Output } from '../../api/table.ts';
import { count } from '../format.ts';
import type { Node } from '../html.ts';
import { chart } from '../parts/chart.ts';
import type { Series } from '../parts/chart-points.ts';
import { grid, tile } from '../parts/tile.ts';

type History = Output['history'];
type Values = Series['values'];

/** Carbon has five colours for series; more upstreams than that share them. */
const colours = [1, 2, 3, 4, 5] as const;

const microseconds = (value: number): string =>
  value >= 10_000 ? `${count(Math.round(value / 1000))} ms` : `${count(Math.round(value))} µs`;
const percent = (value: number): string => `${Math.round(value * 100)} %`;
const whole = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 1 });

export const historyCharts = ({ from, step, requests, served, latency, upstreams }: History): Node => {
  const begin = new Date(from).getTime();
  const times = requests.answered.map((_value, at) => begin + at * step);
  const one = (name: string, colour: Series['colour'], values: Values): Series => ({ name, colour, values });
  return grid(
    tile(
      {},
      chart({
        title: 'KMIP requests',
        kind: 'bars',
        together: 'sum',
        times,
        unit: whole,
        series: [
          one('answered', 2, requests.answered),
          one('refused', 1, requests.refused),
          one('failed', 5, requests.failed),
        ],
      }),
    ),
    tile(
      {},
      chart({
        title: 'Time to answer',
        kind: 'lines',
        together: 'largest',
        times,
        unit: microseconds,
        series: [one('half of them', 2, latency.p50), one('99 of 100', 1, latency.p99)],
      }),
    ),
    tile(
      {},
      chart({
        title: 'Where keys came from',
        kind: 'bars',
        together: 'sum',
        times,
        unit: whole,
        series: [one('memory', 3, served.memory), one('disk', 2, served.store), one('upstream', 1, served.upstream)],
      }),
    ),
    tile(
      {},
      chart({
        title: 'Upstream reachable',
        kind: 'lines',
        together: 'mean',
        times,
        unit: percent,
        top: 1,
        series: upstreams.map(({ instance, reachable }, at) =>
          one(instance, colours[at % colours.length] ?? 1, reachable),
        ),
      }),
    ),
  );
};
