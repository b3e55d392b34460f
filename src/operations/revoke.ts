// Revoke (KMIP 1.4 section 4.20).

import { EdgeError } from '../errors.ts';
import { RevocationReasonCode } from '../kmip/enums.ts';
import type { Handler } from './handler.ts';

const compromises: ReadonlySet<RevocationReasonCode> = new Set([
  RevocationReasonCode.KeyCompromise,
  RevocationReasonCode.CACompromise,
]);

/** Deactivates the key, or marks it Compromised where the reason says so. */
export const revoke: Handler<'Revoke'> = async (context, request) => {
  const uid = context.uid(request.UniqueIdentifier);
  const { RevocationReasonCode: code, RevocationMessage: message } = request.RevocationReason;
  const occurred = request.CompromiseOccurrenceDate;
  const compromised = compromises.has(code);
  if (occurred !== undefined && !compromised) {
    throw new EdgeError('invalid-field', 'a compromise occurrence date goes with a compromise only');
  }
  const reason = message === undefined ? { code } : { code, message };
  await context.keys.revoke(context.caller, uid, reason, compromised ? { occurred } : undefined);
  return { UniqueIdentifier: uid };
};
