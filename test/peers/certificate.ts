// Makes the certificates of the simulated peers: X.509 written by hand, with a key on the curve P-256, because an RSA key
// takes longer to make than all else that a test does. Not by the product's own code, which these certificates test.

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

export interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export const makePair = (): Pair => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** PKCS #8. */
export const pemOfKey = ({ privateKey }: Pair): string =>
  privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const day = 86_400_000;

/** One value in DER: tag, length, content. */
const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
};
const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const bits = (unused: number, content: Uint8Array): Buffer => der(0x03, Buffer.of(unused), content);
const yes = der(0x01, Buffer.of(0xff));
/** Object identifiers, encoded. */
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));

const name = (commonName: string): Buffer =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(commonName)))));

/** `YYMMDDHHMMSSZ`: until 2049. */
const time = (ms: number): Buffer =>
  der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14)}Z`));

const extension = (id: string, critical: boolean, value: Uint8Array): Buffer =>
  sequence(oid(id), ...(critical ? [yes] : []), der(0x04, value));

/** Of an authority: it signs certificates and revocation lists. */
export const authorityExtensions: readonly Buffer[] = [
  extension('551d13', true, sequence(yes)),
  extension('551d0f', true, bits(1, Buffer.of(0x06))),
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
    name(issuer),
    sequence(time(Date.now() - day), time(Date.now() + 30 * day)),
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : []),
  );
  const whole = sequence(body, ecdsaWithSha256, bits(0, sign('sha256', body, signer)));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
};
