// Each operation as an act that a fault can strike: what is done, and whether a success of it is true, by what the
// simulator's own store says.

import type { ExecutionContext } from 'ava';
import { customAttribute } from '../../src/kmip/attributes.ts';
import { ItemType } from '../../src/kmip/item.ts';
import { Tag } from '../../src/kmip/tags.ts';
import type { RegionalEndpoint } from '../../src/upstream/regional-kmip/endpoint.ts';
import type { RegionalSimulator } from '../peers/regional-kmip/simulator.ts';
import type { SimulatedKey } from '../peers/regional-kmip/store.ts';
import { type OperationName, states } from '../peers/regional-kmip/tags.ts';
import { aes, newMarker } from './kit.ts';

export interface Scene {
  readonly simulator: RegionalSimulator;
  readonly endpoint: RegionalEndpoint;
}

export interface Act {
  readonly operation: OperationName;
  /** Prepares a key, gives the call, and what to check after a success. */
  readonly prepare: (scene: Scene) => { call(): Promise<unknown>; isTrue(t: ExecutionContext, result: unknown): void };
}

const xNote = customAttribute('x-note', { tag: Tag.AttributeValue, type: ItemType.TextString, value: 'seen' });

/** The keys with this marker, by the simulator's own word. */
export const keysMarked = (simulator: RegionalSimulator, marker: string): readonly SimulatedKey[] =>
  simulator
    .keys()
    .filter(({ attributes }) => attributes.some(({ name, value }) => name.startsWith('x-') && value.value === marker));

const create: Act['prepare'] = ({ simulator, endpoint }) => {
  const marker = newMarker();
  return {
    call: () => endpoint.create(aes, marker),
    isTrue: (t, uid) =>
      t.deepEqual(
        keysMarked(simulator, marker).map((key) => key.uid),
        [uid],
      ),
  };
};

/** An act on a key in a state, checked by what the key is afterwards. */
const onKey =
  (
    state: 'pre-active' | 'active' | 'deactivated',
    call: (endpoint: RegionalEndpoint, uid: string) => Promise<unknown>,
    holds: (key: SimulatedKey, result: unknown) => boolean,
  ): Act['prepare'] =>
  ({ simulator, endpoint }) => {
    const key = simulator.store.create({ algorithm: 3, length: 256, mask: 12, attributes: [] });
    if (state !== 'pre-active') simulator.store.activate(key);
    if (state === 'deactivated') simulator.store.revoke(key, 1);
    return {
      call: () => call(endpoint, key.uid),
      isTrue: (t, result) => t.true(holds(key, result), `after ${JSON.stringify(result)}: state ${key.state}`),
    };
  };

const sameBytes = (key: SimulatedKey, result: unknown): boolean =>
  (result as { export(): Buffer }).export().equals(key.material ?? Buffer.alloc(0));

export const reads: readonly Act[] = [
  { operation: 'Get', prepare: onKey('active', (endpoint, uid) => endpoint.material(uid), sameBytes) },
  {
    operation: 'GetAttributes',
    prepare: onKey(
      'active',
      (endpoint, uid) => endpoint.describe(uid),
      (key, result) => (result as { state: number }).state === key.state,
    ),
  },
  {
    operation: 'Locate',
    prepare: onKey(
      'active',
      (endpoint) => endpoint.locate(),
      (key, result) => (result as readonly string[]).includes(key.uid),
    ),
  },
];

/** Those whose end can be read from the key's state. */
export const transitions: readonly Act[] = [
  {
    operation: 'Activate',
    prepare: onKey(
      'pre-active',
      (endpoint, uid) => endpoint.activate(uid),
      ({ state }) => state === states.active,
    ),
  },
  {
    operation: 'Revoke',
    prepare: onKey(
      'active',
      (endpoint, uid) => endpoint.revoke(uid, { code: 2 }),
      ({ state }) => state === states.compromised,
    ),
  },
  {
    operation: 'Destroy',
    prepare: onKey(
      'deactivated',
      (endpoint, uid) => endpoint.destroy(uid),
      ({ state, material }) => state === states.destroyed && material === undefined,
    ),
  },
];

export const creation: Act = { operation: 'Create', prepare: create };

export const addition: Act = {
  operation: 'AddAttribute',
  prepare: onKey(
    'active',
    (endpoint, uid) => endpoint.addAttribute(uid, xNote),
    ({ attributes }, index) => attributes.length === 1 && attributes[0]?.index === index,
  ),
};

export const allActs: readonly Act[] = [...reads, ...transitions, creation, addition];
