// A client certificate on a KMIP adapter of Key Protect: put there, put beside the one that is there already, and taken off.
// Which adapter a certificate is on is found out by looking: its name says which one it is where we uploaded it, and
// otherwise the certificate has to be read, as lists leave it out (key-protect docs, kmip.md).

import { X509Certificate } from 'node:crypto';
import { EdgeError } from '../../errors.ts';
import { certificateNameOf } from './adapter-names.ts';
import { connectInstance, type InstanceOptions } from './connect.ts';
import { valueOrThrow } from './errors.ts';
import type { KeyProtectKindOptions } from './kind.ts';
import { type KmipClient, kmipLimit } from './kmip-client.ts';
import { type Creation, lookOrCreate } from './look-or-create.ts';
import type { AdapterResource, CertificateResource } from './shapes.ts';

/** A Key Protect instance and an API key with the role Manager or KmipAdapterManager. */
export type AdapterAccess = Omit<InstanceOptions, 'clock' | 'log' | 'timings' | 'proxy'>;

export interface FoundCertificate {
  readonly adapterId: string;
  readonly adapterName: string;
  readonly certificateId: string;
}

/** Certificates that are read at most to find one that was uploaded by hand: each is a call of its own. */
const mostRead = 200;

/** A limit of Key Protect's is reached. */
export const full = (what: string): EdgeError =>
  new EdgeError('upstream-refused', `${what}, and key protect allows no more`, {
    hint: 'delete in key protect what is not used any more',
  });

/** Of several certificates the first. Throws `invalid-field`. */
export const certificateOf = (pem: string): X509Certificate => {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new EdgeError('invalid-field', 'the client certificate cannot be read', { cause, hint: 'give it as PEM' });
  }
};

const isSame = (pem: string, certificate: X509Certificate): boolean => {
  try {
    return new X509Certificate(pem).fingerprint256 === certificate.fingerprint256;
  } catch {
    return false;
  }
};

/** Whether what a list names is this certificate. */
const isIt = async (
  kmip: KmipClient,
  adapter: AdapterResource,
  listed: CertificateResource,
  certificate: X509Certificate,
): Promise<boolean> => {
  const pem = listed.certificate ?? valueOrThrow(await kmip.readCertificate(adapter.id, listed.id)).certificate;
  return pem === undefined ? listed.name === certificateNameOf(certificate) : isSame(pem, certificate);
};

/** The certificate on the adapter; a certificate is unique in a region. */
export const certificateCreation = (
  kmip: KmipClient,
  adapter: AdapterResource,
  certificate: X509Certificate,
): Creation<CertificateResource> => {
  const name = certificateNameOf(certificate);
  /** After a conflict it may be here under another name, uploaded by hand, or on another adapter. */
  let everyName = false;

  return {
    look: async () => {
      const listed = valueOrThrow(await kmip.listCertificates(adapter.id));
      const isFull = listed.length >= kmipLimit;
      for (const one of listed) {
        if ((everyName || isFull || one.name === name) && (await isIt(kmip, adapter, one, certificate))) return one;
      }
      if (isFull) throw full(`the KMIP adapter ${adapter.name} has ${listed.length} certificates`);
      return undefined;
    },
    create: async () => {
      const outcome = await kmip.addCertificate(adapter.id, { name, certificate: certificate.toString() });
      everyName = !outcome.ok && outcome.failure.class === 'taken';
      return outcome;
    },
  };
};

interface Place {
  readonly adapter: AdapterResource;
  readonly listed: CertificateResource;
}

/** Where a certificate may be: the one of our name first, then all that were uploaded by hand. */
const places = async (kmip: KmipClient, certificate: X509Certificate): Promise<readonly Place[]> => {
  const all: Place[] = [];
  for (const adapter of valueOrThrow(await kmip.listAdapters())) {
    const listed = valueOrThrow(await kmip.listCertificates(adapter.id));
    all.push(...listed.map((one) => ({ adapter, listed: one })));
  }
  const ours = certificateNameOf(certificate);
  const rank = ({ listed }: Place): number => (listed.name === ours ? 0 : 1);
  return all.toSorted((one, other) => rank(one) - rank(other)).slice(0, mostRead);
};

const find = async (kmip: KmipClient, certificate: X509Certificate): Promise<Place | undefined> => {
  for (const place of await places(kmip, certificate)) {
    if (await isIt(kmip, place.adapter, place.listed, certificate)) return place;
  }
  return undefined;
};

/** Whatever adapter it is found on is in use by whoever shows the certificate `besidePem`. */
export interface WantedBeside extends AdapterAccess {
  readonly besidePem: string;
  /** PEM; of several certificates the first. Nothing but the certificate is sent. */
  readonly certificatePem: string;
}

/**
 * Puts a client certificate on the KMIP adapter that has another one; the certificate works up to five minutes later. One that
 * is there already is used as it is. Errors as `makeAdapter`, and `item-not-found` where no adapter has the other one.
 */
export const addBeside = async (wanted: WantedBeside, parts: KeyProtectKindOptions): Promise<FoundCertificate> => {
  const { besidePem, certificatePem, ...options } = wanted;
  const [beside, certificate] = [certificateOf(besidePem), certificateOf(certificatePem)];
  const link = connectInstance({ ...options, ...parts });
  const { kmip } = link.client;
  try {
    const place = await find(kmip, beside);
    if (!place) {
      throw new EdgeError('item-not-found', `no KMIP adapter of this instance has ${certificateNameOf(beside)}`, {
        hint: 'check the instance and the region, or upload the new certificate by hand to the adapter that has the one in use',
      });
    }
    const { adapter } = place;
    const creation = certificateCreation(kmip, adapter, certificate);
    const { id: certificateId } = await lookOrCreate(creation, link.timings, parts.clock);
    parts.log.info('client certificate uploaded', { adapter: adapter.name, adapterId: adapter.id, certificateId });
    return { adapterId: adapter.id, adapterName: adapter.name, certificateId };
  } finally {
    await link.close();
  }
};

/**
 * Takes a client certificate off the KMIP adapter that has it, which ends its connections at once; undefined where none has
 * it (any more). Errors: `permission-denied`, `upstream-refused`, `upstream-unreachable`, `invalid-field`.
 */
export const takeOff = async (
  { certificatePem, ...options }: AdapterAccess & { readonly certificatePem: string },
  parts: KeyProtectKindOptions,
): Promise<FoundCertificate | undefined> => {
  const certificate = certificateOf(certificatePem);
  const link = connectInstance({ ...options, ...parts });
  const { kmip } = link.client;
  try {
    const place = await find(kmip, certificate);
    if (!place) return undefined;
    const { adapter, listed } = place;
    const outcome = await kmip.deleteCertificate(adapter.id, listed.id);
    // An answer may be lost, and one without content may come from anything on the way: what counts is what is listed.
    if (valueOrThrow(await kmip.listCertificates(adapter.id)).some(({ id }) => id === listed.id)) {
      valueOrThrow(outcome);
      throw new EdgeError('upstream-unreachable', `key protect lists ${listed.name} after it was deleted`, {
        hint: 'try again, and look for a proxy on the way',
      });
    }
    parts.log.info('client certificate taken off', { adapter: adapter.name, adapterId: adapter.id });
    return { adapterId: adapter.id, adapterName: adapter.name, certificateId: listed.id };
  } finally {
    await link.close();
  }
};
