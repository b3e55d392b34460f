// What the audit trail is told of a client's act on a key, and how an error reads there.

import { EdgeError, type ErrorKind, messageOf } from '../errors.ts';
import type { AuditEntry } from './audit-ports.ts';
import type { Caller } from './caller.ts';

/** The text of a problem goes no further than this. */
const longestProblem = 500;

/** What should have been done and could not be; every other kind is a refusal. */
const failures: ReadonlySet<ErrorKind> = new Set([
  'upstream-unreachable',
  'upstream-not-trusted',
  'upstream-refused',
  'lease-ended',
  'root-key-unusable',
  'wrapped-key-refused',
  'server-not-running',
  'not-ready',
  'data-damaged',
  'storage-locked',
  'storage-full',
  'internal',
]);

/** An object that is not there, or not there for this caller: the record tells which, the answer does not. */
export class NotVisible extends EdgeError {
  readonly foreign: boolean;

  constructor(uid: string, foreign: boolean) {
    super('item-not-found', `no object has unique identifier '${uid}'`);
    this.name = 'NotVisible';
    this.foreign = foreign;
  }
}

/** Whether an error of this kind is a refusal or a failure. */
export const outcomeOf = (kind: ErrorKind): 'refused' | 'failed' => (failures.has(kind) ? 'failed' : 'refused');

/** How an error reads in the record. */
export const problemOf = (error: unknown): Pick<AuditEntry, 'outcome' | 'reason' | 'problem'> => {
  const kind = error instanceof EdgeError ? error.kind : 'internal';
  const reason = error instanceof NotVisible && error.foreign ? 'of-another-instance' : kind;
  return { outcome: outcomeOf(kind), reason, problem: messageOf(error).slice(0, longestProblem) };
};

/** Who acts, as the record has it. */
export const actorOf = (caller: Caller): Pick<AuditEntry, 'by' | 'name' | 'address' | 'fingerprint' | 'role'> => {
  const { administrator, clientName: name, address, fingerprint } = caller;
  return administrator
    ? { by: administrator.kind, name, address, role: administrator.role }
    : { by: 'client', name, address, fingerprint };
};

/** An act that succeeded. */
export const success = (caller: Caller, operation: string, uid: string | undefined): AuditEntry => ({
  ...actorOf(caller),
  instanceId: caller.instanceId,
  operation,
  uid,
  outcome: 'success',
});
