// A key in one line, for people: what it is called and what state it is in. Never its bytes.

import { CryptographicAlgorithm, ObjectType, State } from '../kmip/enums.ts';
import { enumName } from '../kmip/since.ts';
import { keptText } from './attributes.ts';
import { stateAt } from './life-cycle.ts';
import type { KeptAttribute, ManagedObject, Seconds } from './object.ts';

export interface KeySummary {
  readonly uid: string;
  readonly state: string;
  readonly algorithm: string;
  readonly length: number;
  /** Names that clients gave it: Name, and what vCenter writes into x-Name. */
  readonly names: readonly string[];
}

const naming: ReadonlySet<string> = new Set(['Name', 'x-Name']);

/** Every State that an object may be in. */
export const objectStates: readonly number[] = Object.values(State);

/** A State by its KMIP name. */
export const stateName = (state: number): string => enumName(State, state);

/** The summary of `object` at `now`. */
export const describeObject = (object: ManagedObject, kept: readonly KeptAttribute[], now: Seconds): KeySummary => ({
  uid: object.uid,
  state: stateName(stateAt(object, now)),
  // What has no algorithm is told by its kind.
  algorithm: object.cryptographicAlgorithm
    ? enumName(CryptographicAlgorithm, object.cryptographicAlgorithm)
    : enumName(ObjectType, object.objectType),
  length: object.cryptographicLength,
  names: kept.filter(({ name }) => naming.has(name)).flatMap((one) => keptText(one) ?? []),
});
