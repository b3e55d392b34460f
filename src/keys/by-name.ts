// KMIP's numbers by the names under which an administrator gives them.

import { RevocationReasonCode, State } from '../kmip/enums.ts';
import { stateAt } from './life-cycle.ts';
import type { ManagedObject, Seconds } from './object.ts';

export type StateName = keyof typeof State;

/** KMIP's number for a State. */
export const stateNumber = (name: StateName): number => State[name];

export const isActive = (object: ManagedObject, now: Seconds): boolean => stateAt(object, now) === State.Active;

/** Why a key is revoked, and whether that compromises it. */
export const revocationReasons = {
  unspecified: { code: RevocationReasonCode.Unspecified, compromises: false },
  'key-compromise': { code: RevocationReasonCode.KeyCompromise, compromises: true },
  'ca-compromise': { code: RevocationReasonCode.CACompromise, compromises: true },
  'affiliation-changed': { code: RevocationReasonCode.AffiliationChanged, compromises: false },
  superseded: { code: RevocationReasonCode.Superseded, compromises: false },
  'cessation-of-operation': { code: RevocationReasonCode.CessationOfOperation, compromises: false },
  'privilege-withdrawn': { code: RevocationReasonCode.PrivilegeWithdrawn, compromises: false },
} as const;
