// An authority of somebody else, made by the openssl command: roots, intermediates and certificates, right and wrong ones.

import type { ExecutionContext } from 'ava';
import { type Bench, openBench } from '../ca/openssl.ts';

/** A certificate with its key, both PEM. */
export interface Issued {
  readonly certificate: string;
  readonly privateKey: string;
  readonly subject: string;
}

export interface Wanted {
  /** As openssl takes it: `/C=US/O=Example/CN=vc01`. */
  readonly subject: string;
  /** Lines of an extension file. */
  readonly extensions?: readonly string[];
  /** Below zero: it has ended. */
  readonly days?: number;
  /** As `openssl genpkey` takes it. */
  readonly key?: readonly string[];
  /** Of the signature: `-sha256` unless told. */
  readonly digest?: string;
  /** Takes this key instead of a new one. */
  readonly privateKey?: string;
}

export const ecKey = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'] as const;
export const rsaKey = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'] as const;
/** An authority as RFC 5280 wants it. */
export const authority = (pathLength?: number, ...more: readonly string[]): readonly string[] => [
  `basicConstraints=critical,CA:TRUE${pathLength === undefined ? '' : `,pathlen:${pathLength}`}`,
  'keyUsage=critical,keyCertSign,cRLSign',
  ...more,
];
export const client = ['basicConstraints=critical,CA:FALSE', 'extendedKeyUsage=clientAuth'] as const;

export class Pki {
  readonly bench: Bench;
  #count = 0;

  constructor(bench: Bench) {
    this.bench = bench;
  }

  /** A certificate that signs itself; an authority unless told. */
  async root(wanted: Wanted): Promise<Issued> {
    return this.#sign({ extensions: authority(), ...wanted }, undefined);
  }

  /** A certificate signed by `issuer`, whether that may or not; a client's unless told. */
  async issue(issuer: Issued, wanted: Wanted): Promise<Issued> {
    return this.#sign({ extensions: client, ...wanted }, issuer);
  }

  /** SHA-256 of a certificate's public key, by openssl. */
  async keyFingerprint({ certificate }: Issued): Promise<string> {
    const { openssl, file } = this.bench;
    const key = await file(
      'public.pem',
      await openssl('x509', '-in', await file('one.pem', certificate), '-noout', '-pubkey'),
    );
    await openssl('pkey', '-pubin', '-in', key, '-outform', 'DER', '-out', 'public.der');
    return (await openssl('dgst', '-sha256', '-r', 'public.der')).slice(0, 64);
  }

  async #sign(wanted: Wanted, issuer: Issued | undefined): Promise<Issued> {
    const { openssl, file } = this.bench;
    this.#count += 1;
    const number = this.#count;
    const name = (what: string): string => `${number}.${what}`;
    const privateKey = wanted.privateKey ?? (await openssl('genpkey', ...(wanted.key ?? ecKey)));
    const key = await file(name('key'), privateKey);
    const request = name('csr');
    await openssl('req', '-new', '-key', key, '-subj', wanted.subject, '-utf8', '-out', request);
    const extensions = await file(name('ext'), `${(wanted.extensions ?? []).join('\n')}\n`);
    const signer = issuer
      ? ['-CA', await file(name('ca'), issuer.certificate), '-CAkey', await file(name('cakey'), issuer.privateKey)]
      : ['-signkey', key];
    const serial = ['-set_serial', String(1000 + number)];
    const dates = ['-days', String(wanted.days ?? 30)];
    const how = [...signer, ...serial, ...dates, '-extfile', extensions, wanted.digest ?? '-sha256'];
    const certificate = await openssl('x509', '-req', '-in', request, ...how);
    return { certificate, privateKey, subject: lineOf(wanted.subject) };
  }
}

/** The subject as we show it. */
const lineOf = (subject: string): string =>
  subject
    .split(/(?<!\\)\//)
    .slice(1)
    .map((part) => part.replaceAll('\\/', '/').replaceAll(',', '\\,'))
    .join(', ');

/** A bench with authorities in it, gone after the test. */
export const openPki = async (t: Pick<ExecutionContext, 'teardown'>): Promise<Pki> => new Pki(await openBench(t));
