// Ours against a yardstick on a noisy machine: the two take turns for a slice of time each, and the median of the
// rounds' ratios counts.

import { type Figure, median, microseconds, type Pace } from './bench.ts';
import { type Cost, costOf } from './process.ts';

export interface Side {
  readonly pid: number;
  /** Does so many operations. */
  run(operations: number): Promise<unknown>;
}

/** Costs of one operation, medians over the rounds, and the medians of the rounds' ratios. */
export interface Comparison {
  readonly own: Cost;
  readonly bare: Cost;
  readonly ratio: Cost;
}

/** The first guess at what fits into a slice. */
const fewest = 16;

/** Warms a side up, each time by twice as many operations; gives how many fit into a slice. */
const calibrate = async (side: Side, { warmUp, slice }: Pace): Promise<number> => {
  const warm = performance.now() + warmUp;
  for (let operations = fewest; ; operations *= 2) {
    const began = performance.now();
    await side.run(operations);
    const ended = performance.now();
    if (ended >= warm) return Math.ceil((operations * slice) / (ended - began));
  }
};

const perOperation = async ({ pid, run }: Side, operations: number): Promise<Cost> => {
  const { cpuMicroseconds, wallMicroseconds } = await costOf(pid, () => run(operations));
  return { cpuMicroseconds: cpuMicroseconds / operations, wallMicroseconds: wallMicroseconds / operations };
};

const medians = (costs: readonly Cost[]): Cost => ({
  cpuMicroseconds: median(costs.map(({ cpuMicroseconds }) => cpuMicroseconds)),
  wallMicroseconds: median(costs.map(({ wallMicroseconds }) => wallMicroseconds)),
});

/** Lets both sides run in turn, each as often as fits into its slice. */
export const compare = async (pace: Pace, own: Side, bare: Side): Promise<Comparison> => {
  const costs: { readonly own: Cost; readonly bare: Cost }[] = [];
  const bareOperations = await calibrate(bare, pace);
  const ownOperations = await calibrate(own, pace);
  for (let round = 0; round < pace.rounds; round++) {
    costs.push({ bare: await perOperation(bare, bareOperations), own: await perOperation(own, ownOperations) });
  }
  return {
    own: medians(costs.map((cost) => cost.own)),
    bare: medians(costs.map((cost) => cost.bare)),
    ratio: medians(
      costs.map((cost) => ({
        cpuMicroseconds: cost.own.cpuMicroseconds / cost.bare.cpuMicroseconds,
        wallMicroseconds: cost.own.wallMicroseconds / cost.bare.wallMicroseconds,
      })),
    ),
  };
};

/** What one that is measured alone is warmed up for, as often as another: it has no turns in which compiling goes on. */
const longerWarmUp = 4;

/** What an operation costs where there is nothing to take turns with: medians over the rounds. */
export const measureAlone = async (pace: Pace, side: Side): Promise<Cost> => {
  const operations = await calibrate(side, { ...pace, warmUp: longerWarmUp * pace.warmUp });
  const costs: Cost[] = [];
  while (costs.length < pace.rounds) costs.push(await perOperation(side, operations));
  return medians(costs);
};

/** A comparison as a line of the table; without a limit it only informs. */
export const figureOf = (name: string, time: keyof Cost, compared: Comparison, limit?: number): Figure => {
  const { own, bare, ratio } = compared;
  return {
    name,
    measured: `${microseconds(own[time])} (${ratio[time].toFixed(2)} ×)`,
    bare: microseconds(bare[time]),
    ...(limit === undefined ? {} : { target: `≤ ${limit.toFixed(2)} ×`, ofTarget: ratio[time] / limit }),
  };
};
