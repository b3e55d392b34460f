// The thread that opens a PKCS #12 file: a passphrase may be stretched a million times, and keys are served meanwhile.
// node-forge reads the old encryptions (RC2, 3DES) as well as AES; what it cannot read it names.

import { pbkdf2Sync } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import forge from 'node-forge';

/** What is asked. */
export interface Pkcs12Task {
  readonly bytes: Uint8Array;
  readonly passphrase: string;
}

/** DER in base64: private keys as PKCS #8. */
export type Pkcs12Answer =
  | { readonly keys: readonly string[]; readonly certificates: readonly string[] }
  | { readonly problem: string };

const { asn1, pki, util } = forge;

interface Pbe {
  getCipherForPBES2(id: string, parameters: forge.asn1.Asn1, passphrase: string): unknown;
}

/** RFC 8018 leaves the encoding open; everybody takes UTF-8, node-forge the lowest byte of each character. */
const pbe = (pki as unknown as { readonly pbe: Pbe }).pbe;
const inBytes = pbe.getCipherForPBES2;
pbe.getCipherForPBES2 = (id, parameters, passphrase) => inBytes(id, parameters, util.encodeUtf8(passphrase));

/** Node's own, which stretches a passphrase twenty times as fast. */
const stretch = (
  passphrase: string,
  salt: string,
  count: number,
  length: number,
  hash: { readonly algorithm: string },
) =>
  pbkdf2Sync(Buffer.from(passphrase, 'binary'), Buffer.from(salt, 'binary'), count, length, hash.algorithm).toString(
    'binary',
  );
Object.assign(forge.pkcs5, { pbkdf2: stretch });

const base64 = (value: forge.asn1.Asn1): string => util.encode64(asn1.toDer(value).getBytes());

const open = ({ bytes, passphrase }: Pkcs12Task): Pkcs12Answer => {
  const file = forge.pkcs12.pkcs12FromAsn1(asn1.fromDer(Buffer.from(bytes).toString('binary')), passphrase);
  const bags = file.safeContents.flatMap(({ safeBags }) => safeBags);
  const keys = bags.filter(({ type }) => type === pki.oids['keyBag'] || type === pki.oids['pkcs8ShroudedKeyBag']);
  return {
    // node-forge knows RSA only; the others it leaves as they are encoded.
    keys: keys.map(({ key, asn1: other }) => base64(key ? pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(key)) : other)),
    certificates: bags
      .filter(({ type }) => type === pki.oids['certBag'])
      .map(({ cert, asn1: other }) => base64(cert ? pki.certificateToAsn1(cert) : other)),
  };
};

const answer = (): Pkcs12Answer => {
  try {
    return open(workerData as Pkcs12Task);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
};

parentPort?.postMessage(answer());
