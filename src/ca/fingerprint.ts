// Fingerprints of certificates. Inside they are lower-case hexadecimal, so that they compare as text; only people see
// the form with colons, which is how vCenter shows them.

import { createHash } from 'node:crypto';

/** The hash of a certificate's DER bytes as lower-case hexadecimal without colons. SHA-1 is for showing only. */
export const fingerprintOf = (der: Buffer, hash: 'sha256' | 'sha1' = 'sha256'): string =>
  createHash(hash).update(der).digest('hex');

/** The form that vCenter shows: `AA:BB:…`, upper case. */
export const displayFingerprint = (hex: string): string => (hex.toUpperCase().match(/../g) ?? []).join(':');
