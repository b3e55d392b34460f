// The simulated service's keys. Several simulators may share one store, as the two addresses of one service do.

import { randomBytes, randomUUID } from 'node:crypto';
import { states, tags } from './tags.ts';
import { dateTime, encode, enumeration, integer, type Node, structure, text } from './ttlv.ts';

export interface StoredAttribute {
  readonly name: string;
  readonly index: number;
  readonly value: Node;
}

export interface SimulatedKey {
  readonly uid: string;
  readonly algorithm: number;
  readonly length: number;
  readonly mask: number;
  state: number;
  /** What Get answers; gone once destroyed. */
  material: Buffer | undefined;
  readonly attributes: StoredAttribute[];
  /** Attribute names to seconds since 1970. */
  readonly dates: Map<string, number>;
  reason: { readonly code: number; readonly message: string | undefined } | undefined;
}

/** A refusal with a Result Reason. */
export class Refused extends Error {
  readonly reason: number;

  constructor(reason: number, message: string) {
    super(message);
    this.reason = reason;
  }
}

const now = (): number => Math.floor(Date.now() / 1000);

export interface KeySpecification {
  readonly algorithm: number;
  readonly length: number;
  readonly mask: number;
  readonly attributes: readonly { readonly name: string; readonly value: Node }[];
}

export class KeyStore {
  readonly #keys = new Map<string, SimulatedKey>();

  list(): readonly SimulatedKey[] {
    return [...this.#keys.values()];
  }

  find(uid: string): SimulatedKey | undefined {
    return this.#keys.get(uid);
  }

  create({ algorithm, length, mask, attributes }: KeySpecification): SimulatedKey {
    const key: SimulatedKey = {
      uid: randomUUID(),
      algorithm,
      length,
      mask,
      state: states.preActive,
      material: randomBytes(length / 8),
      attributes: [],
      dates: new Map([
        ['Initial Date', now()],
        ['Last Change Date', now()],
      ]),
      reason: undefined,
    };
    for (const { name, value } of attributes) this.add(key, name, value);
    this.#keys.set(key.uid, key);
    return key;
  }

  /** Gives the index of the new attribute. */
  add(key: SimulatedKey, name: string, value: Node): number {
    const index = key.attributes.filter((one) => one.name === name).length;
    key.attributes.push({ name, index, value });
    key.dates.set('Last Change Date', now());
    return index;
  }

  activate(key: SimulatedKey): void {
    this.#move(key, states.active, 'Activation Date');
  }

  revoke(key: SimulatedKey, code: number, message?: string): void {
    key.reason = { code, message };
    const compromised = code === 2 || code === 3;
    if (compromised) this.#move(key, states.compromised, 'Compromise Date');
    else this.#move(key, states.deactivated, 'Deactivation Date');
  }

  destroy(key: SimulatedKey): void {
    const compromised = key.state === states.compromised;
    this.#move(key, compromised ? states.destroyedCompromised : states.destroyed, 'Destroy Date');
    key.material = undefined;
  }

  /** Brings back what was forgotten. */
  put(key: SimulatedKey): void {
    this.#keys.set(key.uid, key);
  }

  forget(uid: string): void {
    this.#keys.delete(uid);
  }

  #move(key: SimulatedKey, state: number, date: string): void {
    key.state = state;
    key.dates.set(date, now());
    key.dates.set('Last Change Date', now());
  }
}

const value = tags.attributeValue;

const revocationOf = ({ reason }: SimulatedKey): readonly [string, Node][] => {
  if (reason === undefined) return [];
  const code = enumeration(tags.revocationReasonCode, reason.code);
  const message = reason.message === undefined ? undefined : text(tags.revocationMessage, reason.message);
  return [['Revocation Reason', structure(value, code, message)]];
};

/** All attributes of a key, its own and those that follow from it. */
export const attributesOf = (key: SimulatedKey): readonly StoredAttribute[] => {
  const own: readonly [string, Node][] = [
    ['Unique Identifier', text(value, key.uid)],
    ['Object Type', enumeration(value, 2)],
    ['Cryptographic Algorithm', enumeration(value, key.algorithm)],
    ['Cryptographic Length', integer(value, key.length)],
    ['Cryptographic Usage Mask', integer(value, key.mask)],
    ['State', enumeration(value, key.state)],
    ...[...key.dates].map(([name, seconds]): [string, Node] => [name, dateTime(value, seconds)]),
    ...revocationOf(key),
  ];
  return [...own.map(([name, node]) => ({ name, index: 0, value: node })), ...key.attributes];
};

/** True when the key has an attribute with exactly this name and value. */
export const hasAttribute = (key: SimulatedKey, name: string, wanted: Node): boolean => {
  const bytes = encode(wanted);
  return attributesOf(key).some((one) => one.name === name && encode(one.value).equals(bytes));
};
