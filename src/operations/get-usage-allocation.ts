// Get Usage Allocation (KMIP 1.4 section 4.18).

import { requireMaterial } from '../keys/life-cycle.ts';
import { allocate } from '../keys/usage-limits.ts';
import type { Handler } from './handler.ts';

/** Takes some of what Usage Limits leave. */
export const getUsageAllocation: Handler<'GetUsageAllocation'> = async (context, request) => {
  const uid = context.uid(request.UniqueIdentifier);
  await context.keys.objects.alter(context.caller, 'GetUsageAllocation', uid, (object, kept) => {
    requireMaterial(object);
    return allocate(object, kept, request.UsageLimitsCount);
  });
  return { UniqueIdentifier: uid };
};
