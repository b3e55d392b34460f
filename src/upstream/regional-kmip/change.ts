// Activate, Revoke, Destroy and Add Attribute after a lost answer: what the object itself says decides whether the
// change was made. A success therefore means that the object is as was asked, whoever made it so.

import { isKind } from '../../errors.ts';
import type { EndpointObject } from '../../keys/upstream-ports.ts';
import { RevocationReasonCode, State } from '../../kmip/enums.ts';
import type { Attribute } from '../../kmip/template-attribute.ts';
import type { Caller } from './caller.ts';
import { keptBytes } from './described.ts';
import type { Exchange } from './exchange.ts';
import { LinkError } from './link-errors.ts';
import { activateKey, addAttribute, destroyKey, getAttributes, type Revocation, revokeKey } from './operations.ts';

interface Change {
  readonly uid: string;
  readonly exchange: Exchange<void>;
  /** True where the object is as the change would leave it; undefined stands for an object that is gone. */
  readonly done: (object: EndpointObject | undefined) => boolean;
}

const inState =
  (...states: readonly State[]) =>
  (object: EndpointObject | undefined): boolean =>
    object !== undefined && states.includes(object.state);

/** True when the object is as wanted; false also where it cannot be asked. */
const isDone = async (caller: Caller, { uid, done }: Change, until: number): Promise<boolean> => {
  try {
    return done(await caller.read(getAttributes(uid), until));
  } catch (error) {
    if (isKind(error, 'item-not-found')) return done(undefined);
    return false;
  }
};

/** Makes the change, again where the object shows that a lost one was not made: the standard's states only go forward. */
const settle = async (caller: Caller, change: Change, until: number): Promise<void> => {
  let lost = false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await caller.change(change.exchange, until);
    } catch (error) {
      const link = error instanceof LinkError;
      lost ||= link && error.sent;
      // a refusal of the second request may come from the first one having been executed late
      if (lost && (await isDone(caller, change, until))) return;
      if (!link || !error.sent) throw error;
      if (attempt > caller.timings.retries || !(await caller.waitFor(attempt, until))) throw error;
    }
  }
};

export const activate = (caller: Caller, uid: string, until: number): Promise<void> =>
  settle(caller, { uid, exchange: activateKey(uid), done: inState(State.Active) }, until);

const compromises: readonly number[] = [RevocationReasonCode.KeyCompromise, RevocationReasonCode.CACompromise];

export const revoke = (caller: Caller, uid: string, revocation: Revocation, until: number): Promise<void> => {
  const compromised = compromises.includes(revocation.code);
  const { compromiseOccurrenceDate: occurred = Math.floor(caller.clock.now() / 1000), ...rest } = revocation;
  // the date has to be there for a compromise, and must not be for another reason (KMIP 1.4 section 4.20)
  const exchange = revokeKey(uid, compromised ? { ...rest, compromiseOccurrenceDate: occurred } : rest);
  return settle(caller, { uid, exchange, done: inState(compromised ? State.Compromised : State.Deactivated) }, until);
};

const destroyed = inState(State.Destroyed, State.DestroyedCompromised);

/** An endpoint may forget what it destroyed. */
export const destroy = (caller: Caller, uid: string, until: number): Promise<void> =>
  settle(
    caller,
    { uid, exchange: destroyKey(uid), done: (object) => object === undefined || destroyed(object) },
    until,
  );

/**
 * Adds an attribute and gives its index. Sent once only: an attribute may have several instances, and a second one
 * could not be told from a first that came late.
 */
export const add = async (caller: Caller, uid: string, attribute: Attribute, until: number): Promise<number> => {
  const wanted = { name: attribute.AttributeName, value: keptBytes(attribute) };
  try {
    return await caller.change(addAttribute(uid, attribute), until);
  } catch (error) {
    if (!(error instanceof LinkError) || !error.sent) throw error;
    for (let attempt = 1; ; attempt += 1) {
      const index = await indexOf(caller, uid, wanted, until);
      if (index !== undefined) return index;
      if (attempt > caller.timings.retries || !(await caller.waitFor(attempt, until))) throw error;
    }
  }
};

/** The index of the last attribute with this name and value. */
const indexOf = async (
  caller: Caller,
  uid: string,
  wanted: { readonly name: string; readonly value: Buffer },
  until: number,
): Promise<number | undefined> => {
  try {
    const { kept } = await caller.read(getAttributes(uid), until);
    return kept.findLast(({ name, value }) => name === wanted.name && value.equals(wanted.value))?.index;
  } catch {
    // not known yet: the caller ends with the error of the lost request
    return undefined;
  }
};
