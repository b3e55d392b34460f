// Signing requests of every sort from openssl: which are read, and in which words the others are refused.

import { createPublicKey } from 'node:crypto';
import test from 'ava';
import { readSigningRequest } from '../../src/ca/signing-request.ts';
import { EdgeError } from '../../src/errors.ts';
import { type Bench, openBench } from './openssl.ts';

const request = async (
  { openssl, file }: Bench,
  key: readonly string[],
  ...more: readonly string[]
): Promise<string> => {
  await file('key.pem', await openssl('genpkey', ...key));
  return openssl('req', '-new', '-key', 'key.pem', '-subj', '/CN=client', ...more);
};
const rsa = (bits: number) => ['-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`];
const ec = (curve: string) => ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${curve}`];

const taken: readonly (readonly [string, readonly string[], ...string[]])[] = [
  ['RSA 2048', rsa(2048)],
  ['RSA 3072', rsa(3072), '-sha512'],
  ['EC prime256v1', ec('P-256')],
  ['EC secp384r1', ec('P-384'), '-sha384'],
];
for (const [name, key, ...more] of taken) {
  test(`the key of a request is taken: ${name}`, async (t) => {
    const bench = await openBench(t);
    const text = await request(bench, key, ...more);
    const read = readSigningRequest(`text before\n${text}after`);
    t.is(read.publicKey, name);
    const pem = await bench.openssl('pkey', '-in', 'key.pem', '-pubout');
    t.true(createPublicKey(read.publicKeyPem).equals(createPublicKey(pem)));
  });
}

const der = (pem: string): Buffer => Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
const pem = (bytes: Buffer): string =>
  `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
const changed = (text: string, at: number): string => {
  const bytes = der(text);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - at) ^ 1, bytes.length - at);
  return pem(bytes);
};

const refused: readonly (readonly [string, (bench: Bench) => Promise<string>, RegExp])[] = [
  ['a short RSA key', (bench) => request(bench, rsa(1024)), /RSA 1024 keys are not taken/],
  ['another curve', (bench) => request(bench, ec('secp256k1')), /EC secp256k1 keys are not taken/],
  ['an Ed25519 key', (bench) => request(bench, ['-algorithm', 'ED25519']), /ED25519 keys are not taken/],
  ['a signature by SHA-1', (bench) => request(bench, rsa(2048), '-sha1'), /signed by a method that is not taken/],
  [
    'a signature that is not its own',
    async (bench) => changed(await request(bench, rsa(2048)), 5),
    /not signed by its own key/,
  ],
  [
    'another name under the signature',
    async (bench) => {
      const bytes = der(await request(bench, rsa(2048)));
      bytes.write('Client', bytes.indexOf('client'));
      return pem(bytes);
    },
    /not signed by its own key/,
  ],
  ['half of one', async (bench) => pem(der(await request(bench, ec('P-256'))).subarray(0, 90)), /cannot be read/],
  [
    'bytes after it',
    async (bench) => pem(Buffer.concat([der(await request(bench, ec('P-256'))), Buffer.alloc(2)])),
    /2 bytes too many/,
  ],
  ['nothing', async () => '', /is missing/],
  ['too much text', async () => ' '.repeat(70_000), /far too long/],
  [
    'a certificate',
    async ({ openssl }) =>
      openssl(
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        'k',
        '-subj',
        '/CN=a',
      ),
    /holds a certificate where/,
  ],
  ['a private key', ({ openssl }) => openssl('genpkey', ...ec('P-256')), /holds a private key/],
];
for (const [name, make, message] of refused) {
  test(`a signing request is refused: ${name}`, async (t) => {
    const text = await make(await openBench(t));
    const error = t.throws(() => readSigningRequest(text), { instanceOf: EdgeError, message });
    t.is(error?.kind, 'invalid-field');
    t.truthy(error?.hint);
  });
}
