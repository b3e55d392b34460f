// The life cycle against a small model: random clients act on one key while time passes, and key and model must agree.

import test from 'ava';
import fc from 'fast-check';
import { EdgeError } from '../../src/errors.ts';
import { activate, destroy, isDestroyed, revoke, stateAt } from '../../src/keys/life-cycle.ts';
import type { ManagedObject } from '../../src/keys/object.ts';
import { State } from '../../src/kmip/enums.ts';
import { sampleObject } from '../store/samples.ts';

/** What we believe, kept by hand: no dates but the two that time itself acts on. */
interface Model {
  now: number;
  phase: 'waiting' | 'in use' | 'stopped';
  compromised: boolean;
  destroyed: boolean;
  startsAt: number | undefined;
  stopsAt: number | undefined;
}
interface Real {
  object: ManagedObject;
}
type Command = fc.Command<Model, Real>;

const stateOf = ({ phase, compromised, destroyed }: Model): State => {
  if (destroyed) return compromised ? State.DestroyedCompromised : State.Destroyed;
  if (compromised) return State.Compromised;
  return { waiting: State.PreActive, 'in use': State.Active, stopped: State.Deactivated }[phase];
};

const settleTime = (model: Model): void => {
  const { now, startsAt, stopsAt } = model;
  if (model.phase === 'waiting' && startsAt !== undefined && startsAt <= now) model.phase = 'in use';
  if (model.phase === 'in use' && stopsAt !== undefined && stopsAt <= now) model.phase = 'stopped';
};

/** An act that either changes both or is refused by both. */
const act = (
  name: string,
  allowed: (model: Model) => boolean,
  change: (model: Model) => void,
  real: (object: ManagedObject, now: number) => ManagedObject,
): Command => ({
  check: () => true,
  toString: () => name,
  run(model, system) {
    const before = system.object;
    let refusal: unknown;
    try {
      system.object = real(before, model.now);
    } catch (error) {
      refusal = error;
    }
    if (allowed(model)) {
      if (refusal !== undefined) throw refusal;
      change(model);
      settleTime(model);
      if (system.object.lastChangeDate !== model.now) throw new Error('last change date not set');
    } else if (!(refusal instanceof EdgeError) || refusal.kind !== 'wrong-state' || system.object !== before) {
      throw new Error(`${name} was not refused in ${stateOf(model)}`);
    }
    agree(model, system.object);
  },
});

const agree = (model: Model, object: ManagedObject): void => {
  const state = stateAt(object, model.now);
  if (state !== stateOf(model)) throw new Error(`state ${state}, model ${stateOf(model)}`);
  if (isDestroyed(object) !== model.destroyed) throw new Error('destroyed or not');
  const material = object.wrapped !== undefined || object.sealed !== undefined;
  if (material === model.destroyed) throw new Error('material and destruction do not fit');
};

const pass = (seconds: number): Command => ({
  check: () => true,
  toString: () => `pass ${seconds}`,
  run(model, { object }) {
    model.now += seconds;
    settleTime(model);
    agree(model, object);
  },
});

const alive = (model: Model): boolean => !model.destroyed && !model.compromised;
const reason = { code: 1, message: 'why' };
const commands = [
  fc.integer({ min: 0, max: 100 }).map(pass),
  fc.constant(
    act(
      'activate',
      (model) => alive(model) && model.phase === 'waiting',
      (model) => {
        model.phase = 'in use';
      },
      activate,
    ),
  ),
  fc.constant(
    act(
      'deactivate',
      (model) => alive(model) && model.phase === 'in use',
      (model) => {
        model.phase = 'stopped';
      },
      (object, now) => revoke(object, reason, undefined, now),
    ),
  ),
  fc.constant(
    act(
      'compromise',
      (model) => !model.compromised,
      (model) => {
        model.compromised = true;
      },
      (object, now) => revoke(object, reason, {}, now),
    ),
  ),
  fc.constant(
    act(
      'destroy',
      (model) => !model.destroyed && (model.compromised || model.phase !== 'in use'),
      (model) => {
        model.destroyed = true;
      },
      destroy,
    ),
  ),
];

test('whatever clients do and however time passes, a key is in the state that the standard says', (t) => {
  const date = fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined });
  const property = fc.property(fc.commands(commands, { maxCommands: 30 }), date, date, (run, starts, lasts) => {
    const start = 1_700_000_000;
    const startsAt = starts === undefined ? undefined : start + starts;
    const stopsAt = lasts === undefined ? undefined : start + (starts ?? 0) + lasts;
    const object = sampleObject({ initialDate: start, activationDate: startsAt, deactivationDate: stopsAt });
    const model: Model = { now: start, phase: 'waiting', compromised: false, destroyed: false, startsAt, stopsAt };
    settleTime(model);
    fc.modelRun(() => ({ model, real: { object } }), run);
  });
  fc.assert(property, { numRuns: 1000 });
  t.pass();
});

test('a refusal names the object, its state and the act', (t) => {
  const object = sampleObject({ uid: 'u-1', activationDate: 1 });
  const error = t.throws(() => destroy(object, 2), { instanceOf: EdgeError });
  t.is(error?.kind, 'wrong-state');
  t.is(error?.message, "object 'u-1' is Active and does not permit: destroy");
});

test('a compromise is dated from when it happened, by default from the beginning', (t) => {
  const object = sampleObject({ initialDate: 5 });
  t.is(revoke(object, reason, {}, 9).compromiseOccurrenceDate, 5);
  t.is(revoke(object, reason, { occurred: 7 }, 9).compromiseOccurrenceDate, 7);
  t.deepEqual(revoke(object, reason, {}, 9).revocationReason, reason);
});
