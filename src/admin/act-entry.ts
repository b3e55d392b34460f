// An administrator's act as a record of the audit trail, and how it gets there: with the change that it makes, or before
// it is answered where it changes nothing that is stored.

import type { AuditTrail } from '../audit/trail.ts';
import type { AuditEntry } from '../keys/audit-ports.ts';
import type { Store } from '../keys/ports.ts';
import { outcomeOf } from '../keys/record.ts';
import type { Act } from './acts.ts';
import type { Perform } from './routes.ts';

const longestProblem = 500;

export const entryOfAct = ({ actor, route, subject, outcome, kind, problem }: Act): AuditEntry => ({
  by: actor.kind,
  name: actor.name,
  role: actor.role,
  address: actor.address,
  operation: route,
  subject,
  outcome: outcome === 'done' ? 'success' : outcomeOf(kind ?? 'internal'),
  reason: kind,
  problem: problem?.slice(0, longestProblem),
});

/**
 * Carries acts out. What an act changes first commits together with its record; one that changes nothing is recorded, and
 * answered once that is durable. An act whose record cannot be stored is not acknowledged.
 */
export const recordedActs =
  (store: Store, trail: AuditTrail): Perform =>
  async (act, work) => {
    const { value, recorded } = await store.joining(() => entryOfAct(act()), work);
    if (!recorded) {
      trail.record(entryOfAct(act()));
      await trail.flush();
    }
    return value;
  };
