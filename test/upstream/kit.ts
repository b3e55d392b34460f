// What the tests of the upstreams share: a simulator that ends with its test, options that reach it, and a clock
// that moves by hand.

import type { ExecutionContext } from 'ava';
import { type Cancel, type Clock, systemClock } from '../../src/clock.ts';
import type { RootKey } from '../../src/keys/root-key-ports.ts';
import { silentLog } from '../../src/log.ts';
import { Secret } from '../../src/secret.ts';
import type { KeyProtectOptions } from '../../src/upstream/key-protect/connect.ts';
import type { Timings } from '../../src/upstream/key-protect/guard.ts';
import { createKeyProtectRootKey } from '../../src/upstream/key-protect/root-key.ts';
import {
  type KeyProtectSimulator,
  type SimulatorOptions,
  startKeyProtectSimulator,
} from '../peers/key-protect/simulator.ts';

/** Patient, because two busy cores can be slow; tests of impatience set their own. */
export const testTimings: Partial<Timings> = { attemptMs: 8000, totalMs: 12_000, retries: 2, backoffMs: 10 };

export const startSimulator = async (
  t: ExecutionContext,
  options: SimulatorOptions = {},
): Promise<KeyProtectSimulator> => {
  const simulator = await startKeyProtectSimulator(options);
  t.teardown(() => simulator.close());
  return simulator;
};

/** Options that reach the simulator's first root key as its Reader. */
export const optionsFor = (
  simulator: KeyProtectSimulator,
  changes: Partial<KeyProtectOptions> = {},
): KeyProtectOptions => ({
  url: simulator.url,
  iamUrl: simulator.iamUrl,
  instanceId: simulator.instanceId,
  crk: simulator.crk,
  apiKey: new Secret(simulator.apiKey),
  caBundle: simulator.caPem,
  timings: testTimings,
  clock: systemClock,
  log: silentLog,
  ...changes,
});

export interface Setup {
  readonly simulator: KeyProtectSimulator;
  readonly rootKey: RootKey;
}

/** A simulator and a root key that both end with the test. */
export const setUp = async (
  t: ExecutionContext,
  changes: Partial<KeyProtectOptions> = {},
  simulatorOptions: SimulatorOptions = {},
): Promise<Setup> => {
  const simulator = await startSimulator(t, simulatorOptions);
  const rootKey = createKeyProtectRootKey(optionsFor(simulator, changes));
  t.teardown(() => rootKey.close());
  return { simulator, rootKey };
};

/** Time that stands still until `move`, which runs the timers that are due, in order. */
export const createTestClock = (): Clock & { move(ms: number): void; timers(): readonly number[] } => {
  let time = 1_000_000;
  let timers: { at: number; act: () => void }[] = [];
  const move = (ms: number): void => {
    time += ms;
    const due = timers.filter(({ at }) => at <= time).sort((one, other) => one.at - other.at);
    timers = timers.filter(({ at }) => at > time);
    for (const { act } of due) act();
  };
  return {
    now: () => 1_700_000_000_000 + time,
    monotonic: () => time,
    after: (ms, act): Cancel => {
      const timer = { at: time + ms, act };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    move,
    timers: () => timers.map(({ at }) => at - time),
  };
};
