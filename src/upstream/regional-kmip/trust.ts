// Whom we talk to: an endpoint whose certificate a CA bundle vouches for by name, or one whose certificate is pinned by
// its fingerprint. There is no third way and no falling back from one to the other: a certificate that does not match
// ends the connection before any KMIP byte is sent.

import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { EdgeError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { type Address, addressText } from './endpoints.ts';
import { CertificateNotTrusted } from './link-errors.ts';
import { describeCertificate, type PresentedCertificate } from './presented.ts';
import { quote } from './quote.ts';

/** SHA-1 is what was published for the endpoints of 2018, and what a user may still hold in hand. */
export type PinHash = 'sha256' | 'sha1';

export interface Pin {
  readonly hash: PinHash;
  /** Lower-case hexadecimal without colons. */
  readonly fingerprint: string;
}

export type Trust =
  /** PEM certificates, or the roots that come with Node; the host name must be in the certificate. */
  | { readonly kind: 'ca'; readonly bundle: string | 'system' }
  /** Any of these certificates, whatever its names and dates: several where a service has several addresses. */
  | { readonly kind: 'pin'; readonly pins: readonly Pin[] };

const refused = (problem: string, hint: string): EdgeError => new EdgeError('invalid-field', problem, { hint });

const hashes: Readonly<Record<number, PinHash>> = { 64: 'sha256', 40: 'sha1' };

/** A pin from a fingerprint as people copy it, with or without colons. Errors: `invalid-field`. */
export const pinOf = (typed: string): Pin => {
  const fingerprint = typed.replace(/[\s:]/g, '').toLowerCase();
  const hash = hashes[fingerprint.length];
  if (hash !== undefined && /^[0-9a-f]+$/.test(fingerprint)) return { hash, fingerprint };
  const hint = 'give the SHA-256 fingerprint of its certificate: 64 hexadecimal digits';
  throw refused(`"${quote(typed).slice(0, 80)}" is not a fingerprint`, hint);
};

/** Trust in one of these fingerprints. Errors: `invalid-field`. */
export const pinTrust = (typed: readonly string[]): Trust => {
  if (typed.length === 0) throw refused('no fingerprint is given', 'give at least one');
  return { kind: 'pin', pins: typed.map(pinOf) };
};

const pemBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

const checkBlock = (pem: string, index: number): void => {
  try {
    new X509Certificate(pem);
  } catch (cause) {
    const message = `certificate ${index + 1} of the ca bundle is damaged`;
    throw new EdgeError('invalid-field', message, { cause, hint: 'take it out, or export it again as PEM' });
  }
};

/** Trust in what these PEM certificates sign. Errors: `invalid-field`. */
export const caTrust = (bundle: string | 'system'): Trust => {
  if (bundle === 'system') return { kind: 'ca', bundle };
  const blocks = bundle.match(pemBlock) ?? [];
  blocks.forEach(checkBlock);
  if (blocks.length > 0) return { kind: 'ca', bundle };
  throw refused('the ca bundle holds no certificate', 'give PEM text');
};

/** Says in the log what is weak about a trust. */
export const warnOfWeakTrust = (trust: Trust, endpoint: string, log: Log): void => {
  if (trust.kind !== 'pin' || !trust.pins.some(({ hash }) => hash === 'sha1')) return;
  const advice = 'pin the SHA-256 fingerprint instead';
  log.warn('the certificate of the endpoint is pinned by SHA-1, which can be forged', { endpoint, advice });
};

const notTrusted = (problem: string, presented: PresentedCertificate | undefined): CertificateNotTrusted => {
  const shown = presented === undefined ? 'none' : `${presented.sha256} (SHA-256) of ${quote(presented.subject)}`;
  return new CertificateNotTrusted(
    `${problem}; fingerprint presented: ${shown}`,
    'if the endpoint got a new certificate, compare this fingerprint with one from a source you trust, and set it; else somebody is in between',
    presented,
  );
};

const matches = (pin: Pin, certificate: X509Certificate): boolean => {
  const found = createHash(pin.hash).update(certificate.raw).digest();
  const wanted = Buffer.from(pin.fingerprint, 'hex');
  return found.length === wanted.length && timingSafeEqual(found, wanted);
};

/**
 * The error for a peer that is not to be trusted, or undefined. For a socket that was connected with
 * `rejectUnauthorized: false`, so that the presented fingerprint can be named: the caller destroys it on an error.
 */
export const distrust = (socket: TLSSocket, trust: Trust, address: Address): CertificateNotTrusted | undefined => {
  const peer = addressText(address);
  // asked for once: Node gives it to the first caller only
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return notTrusted(`${peer} presented no certificate`, undefined);
  const presented = describeCertificate(certificate);
  if (trust.kind === 'pin') {
    if (trust.pins.some((pin) => matches(pin, certificate))) return undefined;
    return notTrusted(`the certificate of ${peer} is not the pinned one`, presented);
  }
  // `authorized` is Node's word on chain, dates and host name together
  if (socket.authorized) return undefined;
  return notTrusted(`the certificate of ${peer} is not trusted (${reasonOf(socket)})`, presented);
};

/** Node gives an Error for a wrong name and a bare code for a bad chain. */
const reasonOf = (socket: TLSSocket): string => {
  const reason: unknown = socket.authorizationError;
  if (reason instanceof Error) return 'code' in reason ? String(reason.code) : quote(reason.message);
  return String(reason ?? 'unknown');
};
