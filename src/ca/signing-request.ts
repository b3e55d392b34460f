// A certificate signing request (PKCS #10) that somebody gave: read, checked to be signed by its own key, and reduced to
// that key. Subject and extensions are shown but never taken over: what a certificate says is for its authority to decide.

import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { childAt, type Der, DerTag, oidOf, readDer } from '../der.ts';
import { EdgeError, messageOf } from '../errors.ts';
import { maximumCertificateText } from './certificate.ts';
import { describeKey, keyProblem } from './key-pair.ts';

export interface SigningRequest {
  /** SPKI. */
  readonly publicKeyPem: string;
  /** Such as `RSA 2048`. */
  readonly publicKey: string;
}

const refused = (problem: string, cause?: unknown): EdgeError =>
  new EdgeError('invalid-field', `the signing request ${problem}`, {
    hint: "give the request in PEM form, from '-----BEGIN CERTIFICATE REQUEST-----' to its end",
    cause,
  });

const block =
  /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]*)-----END (?:NEW )?CERTIFICATE REQUEST-----/;

/** Hashes by the signature's object identifier. */
const hashes: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
};

/**
 * The request in `text` (PEM; other text around it is ignored). RSA keys from 2048 bits and EC keys on P-256 and P-384 are
 * taken.
 * @throws EdgeError `invalid-field` when there is none, when it is damaged, not signed by its own key, or its key is not taken
 */
export const readSigningRequest = (text: string): SigningRequest => {
  const der = derOf(text);
  try {
    return checked(readDer(der));
  } catch (error) {
    throw error instanceof EdgeError && error.hint !== undefined
      ? error
      : refused(`cannot be read: ${messageOf(error)}`, error);
  }
};

const derOf = (text: string): Buffer => {
  if (Buffer.byteLength(text) > maximumCertificateText) throw refused('is far too long');
  if (/-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY-----/.test(text)) {
    throw new EdgeError('invalid-field', 'the text holds a private key where a signing request is expected', {
      hint: 'give the request only; treat that private key as disclosed if others could see it on its way here',
    });
  }
  const body = block.exec(text)?.[1];
  if (body !== undefined) return Buffer.from(body, 'base64');
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw refused('is missing: the text holds none');
  throw new EdgeError('invalid-field', 'the text holds a certificate where a signing request is expected', {
    hint: "a certificate that exists is admitted with 'kmip-edge client add'",
  });
};

/** RFC 2986 section 4.2. */
const checked = (request: Der): SigningRequest => {
  const info = childAt(request, 0, DerTag.sequence);
  const key = publicKeyOf(childAt(info, 2, DerTag.sequence));
  const problem = keyProblem(key);
  if (problem !== undefined) {
    throw new EdgeError('invalid-field', `the signing request cannot be signed: ${problem}`, {
      hint: 'use an RSA key of at least 2048 bits, or an EC key on P-256 or P-384',
    });
  }
  const algorithm = oidOf(childAt(childAt(request, 1, DerTag.sequence), 0, DerTag.oid));
  const hash = hashes[algorithm];
  if (hash === undefined) throw refused(`is signed by a method that is not taken (${algorithm}): use SHA-256`);
  const { content } = childAt(request, 2, DerTag.bitString);
  if (content[0] !== 0 || !verify(hash, info.raw, key, content.subarray(1)))
    throw refused('is not signed by its own key');
  return { publicKeyPem: key.export({ type: 'spki', format: 'pem' }).toString(), publicKey: describeKey(key) };
};

const publicKeyOf = (spki: Der): KeyObject => createPublicKey({ key: spki.raw, format: 'der', type: 'spki' });
