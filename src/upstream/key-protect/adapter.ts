// A KMIP adapter in Key Protect with a client certificate on it, made over the REST API for whoever gives an API key with
// the role Manager or KmipAdapterManager (key-protect docs, kmip.md and manage-access.md). It can be run again after a
// crash: what is there is used. The adapter's keys themselves are reached over KMIP only, without an API key.

import { EdgeError } from '../../errors.ts';
import { certificateCreation, certificateOf, full } from './adapter-certificate.ts';
import { adapterNameOf, isUuid } from './adapter-names.ts';
import { connectKeyProtect, type KeyProtectLink, type KeyProtectOptions } from './connect.ts';
import { valueOrThrow } from './errors.ts';
import type { KeyProtectKindOptions } from './kind.ts';
import { type KmipClient, kmipLimit, nativeProfile } from './kmip-client.ts';
import { type Creation, lookOrCreate } from './look-or-create.ts';
import type { AdapterResource } from './shapes.ts';

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
