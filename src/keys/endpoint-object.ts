// Between an object as its endpoint describes it and the object as we cache it.

import { State } from '../kmip/enums.ts';
import { isDestroyed, stateAt } from './life-cycle.ts';
import type { KeptAttribute, ManagedObject, ObjectDates, Seconds } from './object.ts';
import type { EndpointObject } from './upstream-ports.ts';

/** Without the attribute that we mark our requests with: no client gave it. */
export const withoutMarker = (kept: readonly KeptAttribute[], markerName: string): readonly KeptAttribute[] =>
  kept.filter(({ name }) => name !== markerName);

/** Dates that lead to the state that the endpoint states, where its own do not: it need not list them all. */
const datesOf = (described: EndpointObject, now: Seconds): ObjectDates => {
  const { initialDate, activationDate, processStartDate, protectStopDate, deactivationDate } = described;
  const { destroyDate, compromiseOccurrenceDate, compromiseDate, lastChangeDate, state } = described;
  const dates = {
    initialDate,
    activationDate,
    processStartDate,
    protectStopDate,
    deactivationDate,
    destroyDate,
    compromiseOccurrenceDate,
    compromiseDate,
    lastChangeDate,
  };
  if (stateAt(dates, now) === state) return dates;
  // A date of our own must not lie ahead of our clock, or it would not count yet.
  const since = Math.min(lastChangeDate, now);
  const compromised = state === State.Compromised || state === State.DestroyedCompromised;
  const destroyed = state === State.Destroyed || state === State.DestroyedCompromised;
  const active = state === State.Active || state === State.Deactivated;
  return {
    ...dates,
    activationDate:
      state === State.PreActive ? undefined : active ? earlier(activationDate, since, now) : activationDate,
    deactivationDate:
      state === State.Deactivated ? earlier(deactivationDate, since, now) : laterOnly(dates, state, now),
    compromiseDate: compromised ? (compromiseDate ?? since) : undefined,
    destroyDate: destroyed ? (destroyDate ?? since) : undefined,
  };
};

const earlier = (date: Seconds | undefined, since: Seconds, now: Seconds): Seconds =>
  date !== undefined && date <= now ? date : since;

/** A Deactivation Date that is past contradicts an Active key: the endpoint's clock is behind ours, and it has the word. */
const laterOnly = ({ deactivationDate }: ObjectDates, state: State, now: Seconds): Seconds | undefined =>
  state === State.Active && deactivationDate !== undefined && deactivationDate <= now ? undefined : deactivationDate;

export interface Owner {
  readonly instanceId: string;
  readonly upstreamId: string;
}

/** A new cached object, without material yet. */
export const objectOf = (described: EndpointObject, { instanceId, upstreamId }: Owner, now: Seconds): ManagedObject => {
  const { uid, objectType, cryptographicAlgorithm, cryptographicLength, cryptographicUsageMask } = described;
  return {
    uid,
    instanceId,
    upstreamId,
    objectType,
    cryptographicAlgorithm,
    cryptographicLength,
    cryptographicUsageMask,
    ...datesOf(described, now),
    revocationReason: described.revocationReason,
  };
};

/** The cached object brought up to date. What was destroyed here stays so, and material that is held stays. */
export const updated = (current: ManagedObject, described: EndpointObject, now: Seconds): ManagedObject => {
  const { wrapped, sealed, instanceId, upstreamId } = current;
  const next = { ...objectOf(described, { instanceId, upstreamId }, now), wrapped, sealed };
  return isDestroyed(current) && !isDestroyed(next) ? { ...current, missingSince: undefined } : next;
};

const fields = [
  'cryptographicAlgorithm',
  'cryptographicLength',
  'cryptographicUsageMask',
  'initialDate',
  'activationDate',
  'processStartDate',
  'protectStopDate',
  'deactivationDate',
  'destroyDate',
  'compromiseOccurrenceDate',
  'compromiseDate',
  'lastChangeDate',
  'missingSince',
] as const satisfies readonly (keyof ManagedObject)[];

/** True when a client could tell the two apart. */
export const differs = (one: ManagedObject, other: ManagedObject): boolean =>
  fields.some((field) => one[field] !== other[field]) ||
  one.revocationReason?.code !== other.revocationReason?.code ||
  one.revocationReason?.message !== other.revocationReason?.message;

/** True when both hold the same attributes; each in any order. */
export const sameAttributes = (one: readonly KeptAttribute[], other: readonly KeptAttribute[]): boolean => {
  const texts = (kept: readonly KeptAttribute[]) =>
    kept.map(({ name, index, value }) => `${name} ${index} ${value.toString('base64')}`).sort();
  const [these, those] = [texts(one), texts(other)];
  return these.length === those.length && these.every((text, at) => text === those[at]);
};
