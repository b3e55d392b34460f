// Names of KMIP adapters and client certificates that Key Protect takes: 2 to 40 letters, digits, `-` and `_`, and no UUID
// (key-protect docs, kmip.md). The same input gives the same name, so that what was made before is found again.

import { createHash, type X509Certificate } from 'node:crypto';
import { EdgeError } from '../../errors.ts';

const longest = 40;
const allowed = /^[A-Za-z0-9_-]{2,40}$/;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `text` has the form of an identifier of Key Protect. */
export const isUuid = (text: string): boolean => uuid.test(text);

/**
 * The adapter name for `name`: itself where Key Protect takes it, or else its letters and digits with a part of its hash,
 * so that two names never become one. Errors: `invalid-field` for an empty name.
 */
export const adapterNameOf = (name: string): string => {
  if (allowed.test(name) && !isUuid(name)) return name;
  if (name.trim() === '') throw new EdgeError('invalid-field', 'a KMIP adapter needs a name', { hint: 'give one' });
  const mark = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const plain = name
    .normalize('NFKD')
    .replace(/\p{Mark}+/gu, '')
    .replace(/[^A-Za-z0-9_]+/g, '-')
    .slice(0, longest - mark.length - 1)
    .replace(/^-+|-+$/g, '');
  return `${plain === '' ? 'adapter' : plain}-${mark}`;
};

/** The name under which we upload a certificate: it says which one it is, as lists do not show certificates. */
export const certificateNameOf = (certificate: X509Certificate): string =>
  `edge-${certificate.fingerprint256.replaceAll(':', '').toLowerCase().slice(0, 32)}`;
