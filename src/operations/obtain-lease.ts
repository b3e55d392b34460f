// Obtain Lease (KMIP 1.4 section 4.17).

import { leaseTime } from '../keys/attributes.ts';
import { requireMaterial } from '../keys/life-cycle.ts';
import type { Handler } from './table.ts';

/** A lease for as long as any: nothing is kept of it. */
export const obtainLease: Handler<'ObtainLease'> = async (context, request) => {
  const uid = context.uid(request.UniqueIdentifier);
  const { object } = await context.keys.describe(context.caller, 'ObtainLease', uid);
  requireMaterial(object);
  return { UniqueIdentifier: uid, LeaseTime: leaseTime, LastChangeDate: object.lastChangeDate };
};
