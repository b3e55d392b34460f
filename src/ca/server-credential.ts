// A server certificate that somebody gave, with its key and the authorities above it: what must hold before it may be
// shown to clients, and what is worth a warning. vCenter asks for no name and no authority, it pins what it is shown.

import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { EdgeError, messageOf } from '../errors.ts';
import { Secret } from '../secret.ts';
import { readCertificate } from './certificate.ts';
import { clockSkew } from './chain.ts';
import { pemFrom } from './given-certificate.ts';
import { keyProblem } from './key-pair.ts';
import type { Credential } from './sign.ts';
import { isStrongSignature, nameLine, purposesOf, x509Parts } from './x509.ts';

export interface ServerCredential extends Credential {
  /** The authorities above it, its own issuer first: PEM one after the other; may be empty. */
  readonly chainPem: string;
  /** DNS names and addresses beside those of the machine, asked for when it was made here. */
  readonly names: readonly string[];
}

export interface GivenCertificate {
  /** PEM; what follows the first certificate counts as chain. */
  readonly certificate: string;
  /** PEM in any order. */
  readonly chain?: string | undefined;
}

const mostChain = 10;
const serverAuthentication = '1.3.6.1.5.5.7.3.1';
const anyPurpose = '2.5.29.37.0';
const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

const refused = (problem: string, hint: string): EdgeError => new EdgeError('invalid-field', problem, { hint });

/** A private key in PEM, perhaps encrypted, as PKCS #8. Throws `invalid-field`; the key is never echoed. */
export const readPrivateKey = (pem: string, passphrase?: Secret): Secret => {
  try {
    const key = createPrivateKey({ key: pem, ...(passphrase && { passphrase: passphrase.reveal() }) });
    return new Secret(key.export({ type: 'pkcs8', format: 'pem' }).toString());
  } catch (error) {
    const encrypted = error instanceof Error && 'code' in error && error.code === 'ERR_MISSING_PASSPHRASE';
    throw encrypted || /ENCRYPTED/.test(pem)
      ? refused('the private key does not open', 'it is encrypted: give its passphrase with --passphrase-file')
      : refused('the private key cannot be read', "give it as PEM, from '-----BEGIN PRIVATE KEY-----' to its end");
  }
};

/**
 * Certificate, key and chain as they will be shown. Throws `invalid-field` where they do not belong together, a
 * certificate is not valid at `now` (milliseconds since 1970), or TLS cannot use them.
 */
export const checkedCredential = (given: GivenCertificate, privateKeyPem: Secret, now: number): ServerCredential => {
  const text = pemFrom(given.certificate);
  const blocks = text.match(block) ?? [];
  const certificate = new X509Certificate(readCertificate(blocks[0] ?? text).pem);
  if (!certificate.publicKey.equals(createPublicKey(privateKeyPem.reveal()))) {
    throw refused(
      `the certificate of '${nameLine(certificate.subject)}' is not for this private key`,
      'give the certificate that was made for this very request or key',
    );
  }
  requireCurrent(certificate, now);
  const problem = keyProblem(certificate.publicKey);
  if (problem !== undefined)
    throw refused(`the certificate cannot be used: ${problem}`, 'use RSA from 2048 bits, or EC');
  if (!isStrongSignature(x509Parts(certificate.raw))) {
    throw refused('the certificate is signed with MD5 or SHA-1', 'have it signed with SHA-256');
  }
  const chain = inOrder(certificate, readChain([...blocks.slice(1), ...(given.chain?.match(block) ?? [])]));
  for (const one of chain) requireCurrent(one, now);
  const credential = {
    certificatePem: certificate.toString(),
    privateKeyPem,
    chainPem: chain.map(String).join(''),
    names: [],
  };
  requireUsable(credential);
  return credential;
};

const readChain = (blocks: readonly string[]): readonly X509Certificate[] => {
  if (blocks.length > mostChain) throw refused(`a chain of ${blocks.length} is too long`, `give at most ${mostChain}`);
  return blocks.map((one) => new X509Certificate(readCertificate(one).pem));
};

/** Each after the one that it signed. What signed none of them is a mistake. */
const inOrder = (leaf: X509Certificate, given: readonly X509Certificate[]): readonly X509Certificate[] => {
  const left = given.filter(
    ({ raw }, index) => !raw.equals(leaf.raw) && given.findIndex((one) => one.raw.equals(raw)) === index,
  );
  const chain: X509Certificate[] = [];
  for (let child = leaf; left.length > 0; ) {
    const index = left.findIndex((one) => child.checkIssued(one) && child.verify(one.publicKey));
    const [issuer] = index < 0 ? [] : left.splice(index, 1);
    if (!issuer) break;
    chain.push(issuer);
    child = issuer;
  }
  const [stray] = left;
  if (!stray) return chain;
  throw refused(
    `'${nameLine(stray.subject)}' is not an issuer in the chain of '${nameLine(leaf.subject)}'`,
    'give only the authorities above the certificate',
  );
};

const requireCurrent = (certificate: X509Certificate, now: number): void => {
  const [begin, end] = [certificate.validFromDate, certificate.validToDate];
  const name = nameLine(certificate.subject);
  if (now > end.getTime()) throw refused(`the certificate of '${name}' ended on ${end.toISOString()}`, 'renew it');
  if (now + clockSkew >= begin.getTime()) return;
  throw refused(`the certificate of '${name}' begins on ${begin.toISOString()}`, "check this machine's clock");
};

const requireUsable = ({ certificatePem, chainPem, privateKeyPem }: ServerCredential): void => {
  try {
    createSecureContext({ cert: certificatePem + chainPem, key: privateKeyPem.reveal() });
  } catch (error) {
    throw refused(`TLS cannot use the certificate: ${messageOf(error)}`, 'use RSA from 2048 bits with SHA-256');
  }
};

/** The DNS names and addresses of a certificate, as OpenSSL writes them. */
export const namesOf = (certificate: X509Certificate): readonly string[] =>
  (certificate.subjectAltName ?? '').split(', ').filter((name) => name !== '');

/**
 * What may surprise somebody, each in one sentence: nothing that keeps vCenter from connecting as far as is known. Whoever
 * trusts our own authority has it.
 */
export const serverWarnings = (
  { certificatePem, chainPem }: ServerCredential,
  authorityPem: string,
): readonly string[] => {
  const certificate = new X509Certificate(certificatePem);
  const purposes = purposesOf(x509Parts(certificate.raw));
  const chain = (chainPem.match(block) ?? []).map((pem) => new X509Certificate(pem));
  const top = chain.at(-1) ?? certificate;
  const found = [
    namesOf(certificate).length === 0 &&
      'it names no DNS name and no address (subject alternative name): vCenter does not look, browsers and others refuse it',
    purposes !== undefined &&
      !purposes.includes(serverAuthentication) &&
      !purposes.includes(anyPurpose) &&
      'its extended key usage has no server authentication: some clients refuse it',
    certificate.ca && certificate.subject !== certificate.issuer && 'it is the certificate of an authority',
    isEllipticCurve(certificate.publicKey) &&
      'its key is on an elliptic curve, which not every vSphere release is known to take',
    !top.checkIssued(top) &&
      !mayBeIssuedBy(top, authorityPem) &&
      `the issuer '${nameLine(top.issuer)}' is not in the chain: clients that check have to know it themselves`,
  ];
  return found.filter((one) => one !== false);
};

/** Of an authority that is damaged nobody can say. */
const mayBeIssuedBy = (certificate: X509Certificate, authorityPem: string): boolean =>
  authorityPem === '' || certificate.checkIssued(new X509Certificate(authorityPem));

const isEllipticCurve = ({ asymmetricKeyType }: KeyObject): boolean => asymmetricKeyType === 'ec';
