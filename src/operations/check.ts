// Check (KMIP 1.4 section 4.10): whether an object may be used in this way. The answer names what stands against it.

import { leaseTime } from '../keys/attributes.ts';
import { requireMaterial } from '../keys/life-cycle.ts';
import { leftOf, usageLimitsOf } from '../keys/usage-limits.ts';
import type { Handler } from './handler.ts';

/** Changes nothing: what is checked is not taken. */
export const check: Handler<'Check'> = async (context, request) => {
  const uid = context.uid(request.UniqueIdentifier);
  const { UsageLimitsCount: count, CryptographicUsageMask: mask, LeaseTime: lease } = request;
  const { object, attributes } = await context.keys.describe(context.caller, 'Check', uid);
  requireMaterial(object);
  const limits = usageLimitsOf(attributes);
  const left = limits && leftOf(limits);
  const denied = mask === undefined ? 0 : mask & ~object.cryptographicUsageMask;
  return {
    UniqueIdentifier: uid,
    UsageLimitsCount: count !== undefined && left !== undefined && left < count ? left : undefined,
    CryptographicUsageMask: denied === 0 ? undefined : object.cryptographicUsageMask,
    LeaseTime: lease !== undefined && lease > leaseTime ? leaseTime : undefined,
  };
};
