// Makes the certificates of the simulated peers: X.509 written by hand, with a key on the curve P-256, because an RSA key
// takes longer to make than all else that a test does. Not by the product's own code, which these certificates test.

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { bits, commonName, der, oid, sequence } from '../kit/der.ts';

export interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export const makePair = (): Pair => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** PKCS #8. */
export const pemOfKey = ({ privateKey }: Pair): string =>
  privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const day = 86_400_000;

const yes = der(0x01, Buffer.of(0xff));

/** `YYMMDDHHMMSSZ`: until 2049. */
const time = (ms: number): Buffer =>
  der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14)}Z`));

const extension = (id: string, critical: boolean, value: Uint8Array): Buffer =>
  sequence(oid(id), ...(critical ? [yes] : []), der(0x04, value));

/** Of an authority: it signs certificates and revocation lists. */
export const authorityExtensions: readonly Buffer[] = [
  extension('551d13', true, sequence(yes)),
  extension('551d0f', true, bits(Buffer.of(0x06), 1)),
];

/** Of a server with these DNS names and IPv4 addresses. */
export const serverExtensions = (names: readonly string[]): readonly Buffer[] => [
  extension('551d13', false, sequence()),
  extension('551d25', false, sequence(oid('2b06010505070301'))),
  extension('551d11', false, sequence(...names.map(alternativeName))),
];

const alternativeName = (text: string): Buffer =>
  isIPv4(text) ? der(0x87, Buffer.from(text.split('.').map(Number))) : der(0x82, Buffer.from(text));

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));

export interface CertificateDraft {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions?: readonly Buffer[];
}

/** A certificate in PEM, valid for 30 days. */
export const makeCertificate = ({ subject, issuer, publicKey, signer, extensions = [] }: CertificateDraft): string => {
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    // Positive, and in its shortest form.
    der(0x02, Buffer.of(1), randomBytes(12)),
    ecdsaWithSha256,
    commonName(issuer),
    sequence(time(Date.now() - day), time(Date.now() + 30 * day)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : []),
  );
  const whole = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, signer)));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
};
