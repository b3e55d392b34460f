// The life of one object against a small model of the standard: whatever is asked in whatever order, and however time
// passes, the server says what the model says (KMIP 1.4 sections 3.22, 3.24 to 3.27, 4.15, 4.20 to 4.23).

import test from 'ava';
import fc from 'fast-check';
import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { attribute } from '../../src/kmip/attributes.ts';
import { RevocationReasonCode, State } from '../../src/kmip/enums.ts';
import type { OutgoingRequestItem } from '../../src/kmip/message.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { attributesOf, createKey, item, outcomeOf, send } from './exchange.ts';
import { custom } from './requests.ts';

const clock = new FakeClock(Date.UTC(2026, 0, 1));
const server = sharedServer({ clock });
const seconds = (): number => Math.floor(clock.now() / 1000);

/** What the model knows; times in seconds. */
interface Model {
  activation: number | undefined;
  deactivation: number | undefined;
  compromised: boolean;
  destroyed: boolean;
  archived: boolean;
  /** The values of x-Tag by their index. */
  readonly tags: Map<number, string>;
}

const stateOf = ({ activation, deactivation, compromised, destroyed }: Model): State => {
  if (destroyed) return compromised ? State.DestroyedCompromised : State.Destroyed;
  if (compromised) return State.Compromised;
  if (activation === undefined || activation > seconds()) return State.PreActive;
  return deactivation !== undefined && deactivation <= seconds() ? State.Deactivated : State.Active;
};

interface Act {
  readonly request: (uid: string) => OutgoingRequestItem;
  /** The reason with which the model refuses; undefined where it is done. */
  readonly refused: (model: Model) => string | undefined;
  readonly done: (model: Model) => void;
}

const only =
  (...states: readonly State[]) =>
  (model: Model) =>
    states.includes(stateOf(model)) ? undefined : 'PermissionDenied';
const given = (model: Model): string | undefined =>
  model.destroyed ? 'IllegalOperation' : model.archived ? 'ObjectArchived' : undefined;
const always = (): undefined => undefined;
const nothing = (): void => {};

const revoke = (code: RevocationReasonCode) => (uid: string) =>
  item('Revoke', { UniqueIdentifier: uid, RevocationReason: { RevocationReasonCode: code } });

/** A date changed to `ahead` seconds from now. */
const moved = (name: 'Activation Date' | 'Deactivation Date', ahead: number): Act => {
  const field = name === 'Activation Date' ? 'activation' : 'deactivation';
  return {
    request: (uid) => item('ModifyAttribute', { UniqueIdentifier: uid, Attribute: attribute(name, seconds() + ahead) }),
    refused: (model) => {
      if (model[field] === undefined) return 'ItemNotFound';
      const state = stateOf(model);
      if (state === State.PreActive || (state === State.Active && field === 'deactivation')) return undefined;
      return 'PermissionDenied';
    },
    done: (model) => {
      model[field] = seconds() + ahead;
    },
  };
};

const acts: Readonly<Record<string, Act>> = {
  activate: {
    request: (uid) => item('Activate', { UniqueIdentifier: uid }),
    refused: only(State.PreActive),
    done: (model) => {
      model.activation = seconds();
    },
  },
  deactivate: {
    request: revoke(RevocationReasonCode.CessationOfOperation),
    refused: only(State.Active),
    done: (model) => {
      model.deactivation = seconds();
    },
  },
  compromise: {
    request: revoke(RevocationReasonCode.KeyCompromise),
    refused: only(State.PreActive, State.Active, State.Deactivated, State.Destroyed),
    done: (model) => {
      model.compromised = true;
    },
  },
  destroy: {
    request: (uid) => item('Destroy', { UniqueIdentifier: uid }),
    refused: only(State.PreActive, State.Deactivated, State.Compromised),
    done: (model) => {
      model.destroyed = true;
    },
  },
  get: { request: (uid) => item('Get', { UniqueIdentifier: uid }), refused: given, done: nothing },
  archive: {
    request: (uid) => item('Archive', { UniqueIdentifier: uid }),
    refused: given,
    done: (model) => {
      model.archived = true;
    },
  },
  recover: {
    request: (uid) => item('Recover', { UniqueIdentifier: uid }),
    refused: always,
    done: (model) => {
      model.archived = false;
    },
  },
  'move the activation ahead': moved('Activation Date', 100),
  'move the activation back': moved('Activation Date', -100),
  'move the deactivation ahead': moved('Deactivation Date', 200),
  'move the deactivation back': moved('Deactivation Date', -1),
  'add a tag': {
    request: (uid) => item('AddAttribute', { UniqueIdentifier: uid, Attribute: custom('x-Tag', 'added') }),
    refused: always,
    done: ({ tags }) => tags.set(Math.max(-1, ...tags.keys()) + 1, 'added'),
  },
  'change the tag of index 1': {
    request: (uid) =>
      item('ModifyAttribute', {
        UniqueIdentifier: uid,
        Attribute: { ...custom('x-Tag', 'changed'), AttributeIndex: 1 },
      }),
    refused: ({ tags }) => (tags.has(1) ? undefined : 'ItemNotFound'),
    done: ({ tags }) => tags.set(1, 'changed'),
  },
  'delete the tag of index 0': {
    request: (uid) => item('DeleteAttribute', { UniqueIdentifier: uid, AttributeName: 'x-Tag', AttributeIndex: 0 }),
    refused: ({ tags }) => (tags.has(0) ? undefined : 'ItemNotFound'),
    done: ({ tags }) => tags.delete(0),
  },
};

const step = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...Object.keys(acts)) },
  { weight: 1, arbitrary: fc.constantFrom(50, 150, 250) },
);

const run = async (
  client: KmipClient,
  steps: readonly (string | number)[],
  dates: readonly [number | undefined, number | undefined],
): Promise<void> => {
  const [activation, deactivation] = dates.map((ahead) => (ahead === undefined ? undefined : seconds() + ahead));
  const model: Model = {
    activation,
    deactivation,
    compromised: false,
    destroyed: false,
    archived: false,
    tags: new Map(),
  };
  const uid = await createKey(
    client,
    ...(activation === undefined ? [] : [attribute('Activation Date', activation)]),
    ...(deactivation === undefined ? [] : [attribute('Deactivation Date', deactivation)]),
  );
  for (const one of steps) {
    if (typeof one === 'number') await clock.pass(one * 1000);
    else await agree(client, uid, one, model);
    await compare(client, uid, model, one);
  }
};

const agree = async (client: KmipClient, uid: string, name: string, model: Model): Promise<void> => {
  const act = acts[name];
  if (!act) throw new Error(`${name} is no act`);
  const before = stateOf(model);
  const wanted = act.refused(model) ?? 'Success';
  const { items } = await send(client, [act.request(uid)]);
  const outcome = outcomeOf(items[0]);
  const found = outcome.reason ?? outcome.status;
  if (found !== wanted) throw new Error(`${name} in state ${before}: ${found} where the model says ${wanted}`);
  if (wanted === 'Success') act.done(model);
};

const compare = async (client: KmipClient, uid: string, model: Model, after: string | number): Promise<void> => {
  const found = await attributesOf(client, uid, ['State', 'x-Tag']);
  const [state, ...tags] = found.map(({ AttributeValue }) => AttributeValue?.value);
  if (state !== stateOf(model)) throw new Error(`after ${after}: ${state} where the model says ${stateOf(model)}`);
  const wanted = [...model.tags].toSorted(([one], [other]) => one - other).map(([, value]) => value);
  if (JSON.stringify(tags) !== JSON.stringify(wanted)) throw new Error(`after ${after}: tags ${tags} for ${wanted}`);
};

test('an object lives as the model does', async (t) => {
  const client = await server().connect();
  const date = fc.option(fc.constantFrom(-10, 100, 200), { nil: undefined });
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 3, maxLength: 15 }),
    fc.tuple(date, date),
    async (steps, dates) => run(client, steps, dates),
  );
  await t.notThrowsAsync(fc.assert(property, { numRuns: 60 }));
});
