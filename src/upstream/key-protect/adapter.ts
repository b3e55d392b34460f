// A KMIP adapter in Key Protect with a client certificate on it, made over the REST API for whoever gives an API key with
// the role Manager or KmipAdapterManager (key-protect docs, kmip.md and manage-access.md). It can be run again after a
// crash: what is there is used. The adapter's keys themselves are reached over KMIP only, without an API key.

import { X509Certificate } from 'node:crypto';
import { EdgeError } from '../../errors.ts';
import { adapterNameOf, certificateNameOf, isUuid } from './adapter-names.ts';
import { connectKeyProtect, type KeyProtectLink, type KeyProtectOptions } from './connect.ts';
import { valueOrThrow } from './errors.ts';
import type { KeyProtectKindOptions } from './kind.ts';
import { type KmipClient, kmipLimit, nativeProfile } from './kmip-client.ts';
import { type Creation, lookOrCreate } from './look-or-create.ts';
import type { AdapterResource, CertificateResource } from './shapes.ts';

/** What an adapter is made from: a Key Protect instance and root key as for the `key-protect` kind, and these. */
export interface WantedAdapter extends Omit<KeyProtectOptions, 'aad' | 'clock' | 'log' | 'timings'> {
  /** Any name; one that Key Protect does not take is changed, always in the same way. */
  readonly name: string;
  /** PEM; of several certificates the first. Nothing but the certificate is sent. */
  readonly certificatePem: string;
}

export interface MadeAdapter {
  readonly adapterId: string;
  readonly adapterName: string;
  readonly certificateId: string;
}

const full = (what: string): EdgeError =>
  new EdgeError('upstream-refused', `${what}, and key protect allows no more`, {
    hint: 'delete in key protect what is not used any more',
  });

const certificateOf = (pem: string): X509Certificate => {
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

/** The id of the root key. An alias is resolved, as it can be moved to another key, and lists of adapters have ids. */
const rootKeyId = async ({ client, crk, name }: KeyProtectLink): Promise<string> => {
  if (isUuid(crk)) return crk;
  const outcome = await client.metadata(crk);
  if (outcome.ok) return outcome.value.id;
  const { class: meaning, error } = outcome.failure;
  if (meaning === 'gone') {
    throw new EdgeError('upstream-refused', `there is no ${name}: ${error.message}`, {
      hint: 'check the alias of the root key, the instance and the key ring',
      cause: error,
    });
  }
  if (meaning === 'auth') {
    throw new EdgeError('permission-denied', error.message, {
      hint: `give the id of the root key in place of its alias ${crk}: KmipAdapterManager alone may not look it up`,
      cause: error,
    });
  }
  throw error;
};

const checkUse = ({ name, profile, profile_data }: AdapterResource, crkId: string): void => {
  const used = profile_data?.crk_id;
  if (profile === nativeProfile && used?.toLowerCase() === crkId.toLowerCase()) return;
  const use = profile === nativeProfile ? `root key ${used ?? 'unknown'}` : `profile ${profile}`;
  throw new EdgeError('already-exists', `the KMIP adapter ${name} exists with ${use}, not root key ${crkId}`, {
    hint: 'choose another name, or delete that adapter in key protect if nobody uses it',
  });
};

/** The adapter of the name; a name is unique in an instance. */
const adapterCreation = (kmip: KmipClient, name: string, crkId: string): Creation<AdapterResource> => ({
  look: async () => {
    const listed = valueOrThrow(await kmip.listAdapters());
    const found = listed.find((one) => one.name === name);
    if (found !== undefined) checkUse(found, crkId);
    else if (listed.length >= kmipLimit) throw full(`the instance has ${listed.length} KMIP adapters`);
    return found;
  },
  create: () => kmip.createAdapter({ name, description: `keys of kmip-edge ${name}`, crkId }),
});

/** The certificate on the adapter; a certificate is unique in a region. */
const certificateCreation = (
  kmip: KmipClient,
  adapter: AdapterResource,
  certificate: X509Certificate,
): Creation<CertificateResource> => {
  const name = certificateNameOf(certificate);
  /** After a conflict it may be here under another name, uploaded by hand, or on another adapter. */
  let everyName = false;

  const isIt = async (listed: CertificateResource): Promise<boolean> => {
    const pem = listed.certificate ?? valueOrThrow(await kmip.readCertificate(adapter.id, listed.id)).certificate;
    return pem === undefined ? listed.name === name : isSame(pem, certificate);
  };

  return {
    look: async () => {
      const listed = valueOrThrow(await kmip.listCertificates(adapter.id));
      const isFull = listed.length >= kmipLimit;
      for (const one of listed) {
        if ((everyName || isFull || one.name === name) && (await isIt(one))) return one;
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

/**
 * Makes a KMIP adapter of a root key, and puts a client certificate on it; the certificate works up to five minutes later
 * (kmip.md). An adapter of the name with the same root key, and a certificate that it has already, are used as they are.
 *
 * Errors, with hints: `permission-denied` for a key without the role; `already-exists` for the name with another root key,
 * or a certificate that another adapter of the region has; `upstream-refused` for a root key that is not there or not
 * active, and past the limits (200 adapters in an instance, 200 certificates on an adapter); `upstream-unreachable`;
 * `invalid-field` for options that cannot be.
 */
export const makeAdapter = async (wanted: WantedAdapter, parts: KeyProtectKindOptions): Promise<MadeAdapter> => {
  const { name, certificatePem, ...options } = wanted;
  const adapterName = adapterNameOf(name);
  const certificate = certificateOf(certificatePem);
  const link = connectKeyProtect({ ...options, ...parts });
  const { kmip } = link.client;
  const ensure = <T>(creation: Creation<T>): Promise<T> => lookOrCreate(creation, link.timings, parts.clock);
  try {
    const crkId = await rootKeyId(link);
    const adapter = await ensure(adapterCreation(kmip, adapterName, crkId));
    const { id: certificateId } = await ensure(certificateCreation(kmip, adapter, certificate));
    parts.log.info('kmip adapter ready', { adapter: adapterName, adapterId: adapter.id, certificateId, crkId });
    return { adapterId: adapter.id, adapterName, certificateId };
  } finally {
    await link.close();
  }
};
