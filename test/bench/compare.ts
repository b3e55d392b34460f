// Ours against a yardstick on a noisy machine: the two take turns, and the median of the rounds' ratios counts.

import { median } from './bench.ts';
import { type Cost, costOf } from './process.ts';

export interface Side {
  readonly pid: number;
  /** Does the round's operations. */
  run(operations: number): Promise<unknown>;
}

/** Costs of one operation, medians over the rounds, and the medians of the rounds' ratios. */
export interface Comparison {
  readonly own: Cost;
  readonly bare: Cost;
  readonly ratio: Cost;
}

const perOperation = async ({ pid, run }: Side, operations: number): Promise<Cost> => {
  const { cpuMicroseconds, wallMicroseconds } = await costOf(pid, () => run(operations));
  return { cpuMicroseconds: cpuMicroseconds / operations, wallMicroseconds: wallMicroseconds / operations };
};

const medians = (costs: readonly Cost[]): Cost => ({
  cpuMicroseconds: median(costs.map(({ cpuMicroseconds }) => cpuMicroseconds)),
  wallMicroseconds: median(costs.map(({ wallMicroseconds }) => wallMicroseconds)),
});

/** Lets both sides run `rounds` times in turn, after one round that warms them up. */
export const compare = async (own: Side, bare: Side, operations: number, rounds: number): Promise<Comparison> => {
  const costs: { readonly own: Cost; readonly bare: Cost }[] = [];
  await bare.run(operations);
  await own.run(operations);
  for (let round = 0; round < rounds; round++) {
    costs.push({ bare: await perOperation(bare, operations), own: await perOperation(own, operations) });
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
