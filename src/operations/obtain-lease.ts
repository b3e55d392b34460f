// Obtain Lease (KMIP 1.4 section 4.17).

import { EdgeError } from '../errors.ts';
import { leaseTime } from '../keys/attributes.ts';
import { requireMaterial, stateAt } from '../keys/life-cycle.ts';
import { State } from '../kmip/enums.ts';
import { enumName } from '../kmip/since.ts';
import type { Handler } from './handler.ts';

const ended: ReadonlySet<State> = new Set([State.Deactivated, State.Compromised]);

/** A lease for as long as any: nothing is kept of it. */
export const obtainLease: Handler<'ObtainLease'> = async (context, request) => {
  const uid = context.uid(request.UniqueIdentifier);
  const { object } = await context.keys.describe(context.caller, 'ObtainLease', uid);
  requireMaterial(object);
  const state = stateAt(object, context.now);
  if (ended.has(state)) {
    throw new EdgeError('wrong-state', `object '${uid}' is ${enumName(State, state)}: there is no lease for it`);
  }
  return { UniqueIdentifier: uid, LeaseTime: leaseTime, LastChangeDate: object.lastChangeDate };
};
