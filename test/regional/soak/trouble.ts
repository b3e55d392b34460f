// Everything that goes wrong in a soak: the link and the endpoint, keys that others change or that the endpoint denies for
// a while, and the server itself, which is killed.

import { State } from '../../../src/kmip/enums.ts';
import type { Fault } from '../../peers/regional-kmip/faults.ts';
import { count, isDestroyed, now, type Pause, type World } from './world.ts';

const generalFailure = 0x100;

const faults: readonly ((random: World['random']) => Fault)[] = [
  () => ({ kind: 'cut-before' }),
  () => ({ kind: 'cut-after' }),
  () => ({ kind: 'cut-middle' }),
  () => ({ kind: 'hang' }),
  () => ({ kind: 'hang-after' }),
  () => ({ kind: 'garbage' }),
  () => ({ kind: 'other-object' }),
  () => ({ kind: 'surplus' }),
  () => ({ kind: 'refuse', reason: generalFailure, message: 'the service is busy' }),
  (random) => ({ kind: 'slow', ms: 100 + random(2_000) }),
  (random) => ({ kind: 'late', ms: 100 + random(2_000) }),
];

const scopes = ['all', 'Create', 'Get', 'GetAttributes', 'Activate', 'Destroy', 'AddAttribute', 'Locate'] as const;

const losesAnswers: readonly ((random: World['random']) => Fault)[] = [
  () => ({ kind: 'cut-after' }),
  () => ({ kind: 'hang-after' }),
  (random) => ({ kind: 'slow', ms: 100 + random(1_400) }),
];

/** Creates are done and their answers are lost; half of the time nothing can be asked about that either. */
const loseCreates = ({ simulator, random }: World): void => {
  const fault = losesAnswers[random(losesAnswers.length)]?.(random);
  if (fault) simulator.fault(fault, { on: 'Create' });
  if (random(2) === 0) simulator.fault({ kind: 'hang' }, { on: 'Locate' });
};

/** One spell of a bad link. */
const spell = async (world: World, pause: Pause): Promise<void> => {
  const { simulator, random } = world;
  const length = 200 + random(4_000);
  switch (random(5)) {
    case 0:
      for (let left = 1 + random(5); left > 0; left -= 1) {
        simulator.cut();
        await pause(random(400));
      }
      return;
    case 1:
      await simulator.stop();
      await pause(length * 2);
      await simulator.start();
      return;
    case 2:
      loseCreates(world);
      await pause(length);
      simulator.clearFaults();
      return;
    default: {
      for (let left = 1 + random(3); left > 0; left -= 1) {
        const fault = faults[random(faults.length)]?.(random);
        const on = scopes[random(scopes.length)];
        if (fault && on) simulator.fault(fault, { on, ...(random(2) === 0 && { times: 1 + random(20) }) });
      }
      await pause(length);
      simulator.clearFaults();
    }
  }
};

/** Bad and good spells of the link until the soak is over. */
export const breakLink = async (world: World, pause: Pause): Promise<void> => {
  while (!world.over) {
    world.linkSince = undefined;
    count(world, 'bad spells');
    await spell(world, pause);
    // What was late may still be under way.
    await pause(world.random(2) === 0 ? 500 : 2_100);
    world.linkSince = now();
    await pause(200 + world.random(world.random(2) === 0 ? 3_000 : 18_000));
  }
};

/** Somebody else revokes and destroys keys at the endpoint, or the endpoint denies one for a while. */
export const changeElsewhere = async (world: World, pause: Pause): Promise<void> => {
  const { simulator, entries, random, denied } = world;
  while (!world.over) {
    await pause(random(1_500));
    const all = [...entries.values()];
    const entry = all[random(all.length || 1)];
    const key = entry && simulator.store.find(entry.uid);
    if (!entry || !key || isDestroyed(key.state)) continue;
    const deny = random(5);
    if (deny === 0) {
      count(world, 'keys denied');
      denied.set(entry.uid, key);
      simulator.forgetKey(entry.uid);
      await pause(random(8_000));
      simulator.store.put(key);
      denied.delete(entry.uid);
      entry.deniedUntil = now();
      continue;
    }
    count(world, 'changes elsewhere');
    if (key.state === State.Active || key.state === State.PreActive) simulator.revokeKey(entry.uid, 1 + random(5));
    if (deny < 3) simulator.destroyKey(entry.uid);
    entry.elsewhere = { at: now(), state: key.state };
  }
};

/** Ends the server again and again, seldom politely. `again` ends it with a signal and starts it anew. */
export const endServer = async (
  world: World,
  again: (signal: 'SIGKILL' | 'SIGTERM') => Promise<void>,
  pause: Pause,
): Promise<void> => {
  while (!world.over) {
    await pause(2_000 + world.random(18_000));
    if (world.over) return;
    const signal = world.random(4) === 0 ? 'SIGTERM' : 'SIGKILL';
    count(world, signal);
    await again(signal);
  }
};
