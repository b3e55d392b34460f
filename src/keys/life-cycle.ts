// The life cycle of a managed object (KMIP 1.4 section 3.22). State is never stored: it follows from the dates, so that it
// changes by itself when a date is reached. The table says which client acts are permitted in which state.
//
//   Pre-Active ──activate──► Active ──deactivate──► Deactivated ──destroy──► Destroyed
//       │  └──────────────compromise──────┬────────────┘                         │
//       │                                 ▼                                  compromise
//       └──destroy──► Destroyed      Compromised ──destroy──► Destroyed Compromised

import { EdgeError } from '../errors.ts';
import { State } from '../kmip/enums.ts';
import type { ManagedObject, ObjectDates, RevocationReason, Seconds } from './object.ts';

export type LifeCycleAct = 'activate' | 'deactivate' | 'compromise' | 'destroy';

const transitions: Readonly<Record<State, Readonly<Partial<Record<LifeCycleAct, State>>>>> = {
  [State.PreActive]: { activate: State.Active, compromise: State.Compromised, destroy: State.Destroyed },
  [State.Active]: { deactivate: State.Deactivated, compromise: State.Compromised },
  [State.Deactivated]: { compromise: State.Compromised, destroy: State.Destroyed },
  [State.Compromised]: { destroy: State.DestroyedCompromised },
  [State.Destroyed]: { compromise: State.DestroyedCompromised },
  [State.DestroyedCompromised]: {},
};

const stateNames = Object.fromEntries(Object.entries(State).map(([name, value]) => [value, name]));

const reached = (date: Seconds | undefined, now: Seconds): boolean => date !== undefined && date <= now;

/** The object's State at `now`. */
export const stateAt = (dates: ObjectDates, now: Seconds): State => {
  const compromised = dates.compromiseDate !== undefined;
  if (dates.destroyDate !== undefined) return compromised ? State.DestroyedCompromised : State.Destroyed;
  if (compromised) return State.Compromised;
  if (!reached(dates.activationDate, now)) return State.PreActive;
  return reached(dates.deactivationDate, now) ? State.Deactivated : State.Active;
};

/** True when the material is gone for good. */
export const isDestroyed = (object: ManagedObject): boolean => object.destroyDate !== undefined;

/**
 * Throws `object-destroyed` for a destroyed object: only its attributes are left (KMIP 1.4 section 11.12). Throws
 * `object-archived` for one that Recover has to bring back first.
 */
export const requireMaterial = (object: ManagedObject): void => {
  if (isDestroyed(object)) {
    throw new EdgeError('object-destroyed', `object '${object.uid}' is destroyed: only its attributes are left`);
  }
  if (object.archiveDate !== undefined) throw new EdgeError('object-archived', `object '${object.uid}' is archived`);
};

/**
 * The object after `Activate` (KMIP 1.4 section 4.19). Throws `wrong-state` outside Pre-Active, as section 11.20 has
 * it.
 */
export const activate = (object: ManagedObject, now: Seconds): ManagedObject => {
  permit(object, 'activate', now);
  return activated(object, now);
};

/** The same for one whose endpoint has permitted it. */
export const activated = (object: ManagedObject, now: Seconds): ManagedObject => ({
  ...object,
  activationDate: now,
  lastChangeDate: now,
});

/**
 * The object after `Revoke` (KMIP 1.4 section 4.20). `compromise` carries when it was compromised, by default when it was
 * made. Throws `wrong-state` where section 3.22 has no such transition.
 */
export const revoke = (
  object: ManagedObject,
  revocationReason: RevocationReason,
  compromise: { readonly occurred?: Seconds | undefined } | undefined,
  now: Seconds,
): ManagedObject => {
  permit(object, compromise ? 'compromise' : 'deactivate', now);
  return revoked(object, revocationReason, compromise, now);
};

/** The same for one whose endpoint has permitted it. */
export const revoked = (
  object: ManagedObject,
  revocationReason: RevocationReason,
  compromise: { readonly occurred?: Seconds | undefined } | undefined,
  now: Seconds,
): ManagedObject => {
  const changed = { ...object, revocationReason, lastChangeDate: now };
  if (!compromise) return { ...changed, deactivationDate: now };
  return { ...changed, compromiseDate: now, compromiseOccurrenceDate: compromise.occurred ?? object.initialDate };
};

/**
 * The object after `Destroy` (KMIP 1.4 section 4.21): attributes stay, all forms of the material go. Throws
 * `wrong-state` for an Active or already destroyed object (section 11.22).
 */
export const destroy = (object: ManagedObject, now: Seconds): ManagedObject => {
  permit(object, 'destroy', now);
  return destroyed(object, now);
};

/** The same for one whose endpoint has permitted it. */
export const destroyed = (object: ManagedObject, now: Seconds): ManagedObject => ({
  ...object,
  destroyDate: now,
  lastChangeDate: now,
  wrapped: undefined,
  sealed: undefined,
});

const permit = (object: ManagedObject, act: LifeCycleAct, now: Seconds): void => {
  const state = stateAt(object, now);
  if (transitions[state][act] !== undefined) return;
  const text = `object '${object.uid}' is ${stateNames[state]} and does not permit: ${act}`;
  throw new EdgeError(
    'wrong-state',
    text,
    isDestroyed(object) && act === 'destroy' ? { finer: 'ObjectDestroyed' } : {},
  );
};

/** The object after `Archive`. Throws `object-archived`, and `object-destroyed` where there is nothing left to archive. */
export const archive = (object: ManagedObject, now: Seconds): ManagedObject => {
  requireMaterial(object);
  return { ...object, archiveDate: now, lastChangeDate: now };
};

/** The object after `Recover`. */
export const recover = ({ archiveDate, ...object }: ManagedObject, now: Seconds): ManagedObject =>
  archiveDate === undefined ? object : { ...object, lastChangeDate: now };
