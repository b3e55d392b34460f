// Whether a certificate was signed under a root, after RFC 5280 section 6: signatures, authority flags, path lengths,
// dates, and no critical extension that is not understood. Name constraints are not evaluated: a chain that has some is
// refused. Revocation is the list's matter: who is taken off it is out.

import type { KeyObject, X509Certificate } from 'node:crypto';
import { messageOf } from '../errors.ts';
import { largestPublic, modestKey } from '../modest-key.ts';
import {
  ExtensionId,
  isStrongSignature,
  nameLine,
  pathLengthOf,
  purposesOf,
  type X509Parts,
  x509Parts,
} from './x509.ts';

export interface Chain {
  /** Between the certificate and the root, the certificate's own issuer first. */
  readonly intermediates: readonly X509Certificate[];
  /** When the first of root and intermediates ends, milliseconds since 1970. */
  readonly validUntil: number;
}

export type ChainOutcome = { readonly chain: Chain } | { readonly problem: string };

/** Intermediates between a certificate and the root. */
export const longestChain = 8;
/** Signatures that are checked for one certificate, whatever a stranger sends. */
const mostSignatures = 16;

/** Clocks differ: what was made just now elsewhere may begin in a moment here. Milliseconds. */
export const clockSkew = 60 * 60 * 1000;

const understood: ReadonlySet<string> = new Set([
  ExtensionId.basicConstraints,
  ExtensionId.keyUsage,
  ExtensionId.extendedKeyUsage,
  ExtensionId.subjectAltName,
]);

const clientAuthentication = '1.3.6.1.5.5.7.3.2';
const anyPurpose = '2.5.29.37.0';

/**
 * Finds a chain from `leaf` to `root` through `candidates`, valid at `now` (milliseconds since 1970). Dates and purpose of
 * the leaf itself are the caller's matter: see {@link leafProblem}.
 */
export const findChain = (
  leaf: X509Certificate,
  candidates: readonly X509Certificate[],
  root: X509Certificate,
  now: number,
): ChainOutcome => {
  try {
    return new Search(candidates, root, now).run(leaf);
  } catch (error) {
    return { problem: messageOf(error) };
  }
};

/** Why a certificate may not stand for its name now, or undefined. */
export const leafProblem = (leaf: X509Certificate, now: number): string | undefined => {
  if (now > leaf.validToDate.getTime()) return `it ended on ${leaf.validToDate.toISOString()}`;
  if (now + clockSkew < leaf.validFromDate.getTime()) return `it begins on ${leaf.validFromDate.toISOString()}`;
  return isForClients(x509Parts(leaf.raw)) ? undefined : 'its extended key usage has no client authentication';
};

/** Why a certificate cannot be a root or an intermediate now, or undefined. */
export const authorityProblem = (
  certificate: X509Certificate,
  now: number,
  parts: X509Parts = x509Parts(certificate.raw),
): string | undefined => {
  if (!certificate.ca) return 'is not allowed to sign certificates';
  if (now > certificate.validToDate.getTime()) return `ended on ${certificate.validToDate.toISOString()}`;
  if (now + clockSkew < certificate.validFromDate.getTime())
    return `begins on ${certificate.validFromDate.toISOString()}`;
  const ofKey = keyProblem(certificate, parts);
  if (ofKey !== undefined) return ofKey;
  if (!isForClients(parts)) return 'is not for signing client certificates, by its extended key usage';
  if (parts.extensions.has(ExtensionId.nameConstraints)) return 'has name constraints, which are not evaluated here';
  return strangeExtension(parts);
};

const isForClients = (parts: X509Parts): boolean => {
  const purposes = purposesOf(parts);
  return purposes === undefined || purposes.includes(clientAuthentication) || purposes.includes(anyPurpose);
};

const strangeExtension = ({ extensions }: X509Parts): string | undefined => {
  const strange = [...extensions].find(([id, { critical }]) => critical && !understood.has(id));
  return strange && `has a critical extension that is not understood: ${strange[0]}`;
};

const keyProblem = (certificate: X509Certificate, { publicKey }: X509Parts): string | undefined => {
  if (!modestKey(publicKey, largestPublic)) return 'has a key that is too large';
  return isWeak(certificate.publicKey) ? 'has a key that is too weak' : undefined;
};

const isWeak = (key: KeyObject): boolean => {
  const bits = key.asymmetricKeyDetails?.modulusLength;
  return bits === undefined ? !['ec', 'ed25519', 'ed448'].includes(key.asymmetricKeyType ?? '') : bits < 2048;
};

class Search {
  readonly #candidates: readonly X509Certificate[];
  readonly #root: X509Certificate;
  readonly #now: number;
  /** A stranger sends 100 KB of certificates: each is taken apart once. */
  readonly #parts = new Map<X509Certificate, X509Parts>();
  #signatures = 0;
  #problem = 'no chain leads from it to the root';

  constructor(candidates: readonly X509Certificate[], root: X509Certificate, now: number) {
    this.#candidates = candidates;
    this.#root = root;
    this.#now = now;
  }

  run(leaf: X509Certificate): ChainOutcome {
    const parts = this.#partsOf(leaf);
    const problem = strangeExtension(parts) ?? keyProblem(leaf, parts);
    if (problem !== undefined) return { problem: `it ${problem}` };
    const intermediates = this.#from(leaf, []);
    if (!intermediates) return { problem: this.#problem };
    const ends = [this.#root, ...intermediates].map(({ validToDate }) => validToDate.getTime());
    return { chain: { intermediates, validUntil: Math.min(...ends) } };
  }

  /** The intermediates from `child` up to the root; `below` are those that were already passed. */
  #from(child: X509Certificate, below: readonly X509Certificate[]): readonly X509Certificate[] | undefined {
    if (this.#signed(child, this.#root, below)) return [];
    if (below.length >= longestChain) return undefined;
    for (const candidate of this.#candidates) {
      if (below.includes(candidate) || !this.#signed(child, candidate, below)) continue;
      const above = this.#from(candidate, [...below, candidate]);
      if (above) return [candidate, ...above];
    }
    return undefined;
  }

  /** True when `issuer` may sign and did sign `child`, with the authorities `below` it. */
  #signed(child: X509Certificate, issuer: X509Certificate, below: readonly X509Certificate[]): boolean {
    const issued = child.checkIssued(issuer);
    if (!issued && !this.#partsOf(child).issuer.equals(this.#partsOf(issuer).subject)) return false;
    const problem = authorityProblem(issuer, this.#now, this.#partsOf(issuer)) ?? this.#tooLong(issuer, below);
    if (problem !== undefined) {
      this.#problem = `'${nameLine(issuer.subject)}' ${problem}`;
      return false;
    }
    this.#signatures += 1;
    if (this.#signatures > mostSignatures) throw new Error('too many certificates were sent with it');
    if (!isStrongSignature(this.#partsOf(child))) {
      this.#problem = `'${nameLine(child.subject)}' is signed by a method that is too weak`;
      return false;
    }
    return issued && child.verify(issuer.publicKey);
  }

  #tooLong(issuer: X509Certificate, below: readonly X509Certificate[]): string | undefined {
    const allowed = pathLengthOf(this.#partsOf(issuer));
    // An authority that was issued to itself does not count (RFC 5280 section 6.1.4 l).
    const counted = below.filter((one) => one !== issuer && one.subject !== one.issuer).length;
    return allowed !== undefined && counted > allowed ? `allows ${allowed} authorities below it` : undefined;
  }

  #partsOf(certificate: X509Certificate): X509Parts {
    const known = this.#parts.get(certificate);
    if (known) return known;
    const parts = x509Parts(certificate.raw);
    this.#parts.set(certificate, parts);
    return parts;
  }
}
