// Makes an empty data directory a working KMS: a service instance `default` on a local root key and one client
// certificate for it. Each step can be repeated, so that a crash in between is mended by the next start.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InstanceRegistry } from '../instances/registry.ts';
import type { Store } from '../keys/ports.ts';
import type { Sealer } from '../keys/seal-ports.ts';
import { boxActor } from './actor.ts';
import type { IssuedClient } from './api/clients.ts';
import type { Handlers } from './routes.ts';

const defaultName = 'default';
const marker = 'first-start';

export interface FirstStartOptions {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly registry: InstanceRegistry;
  readonly handlers: Handlers;
  readonly dataDirectory: string;
}

/** Where the default client's files lie. */
export const defaultClientDirectory = (dataDirectory: string): string => join(dataDirectory, 'clients', defaultName);

/** Does what has not been done yet. True when it did anything. */
export const firstStart = async (options: FirstStartOptions): Promise<boolean> => {
  const { store, sealer, registry, handlers, dataDirectory } = options;
  if (store.vault.sealedSecret(marker)) return false;
  if (!registry.instances().some(({ name }) => name === defaultName)) {
    await handlers['instance.create']({ name: defaultName, upstream: 'local', settings: {} }, boxActor);
  }
  // A client without its files would be of no use to anybody: its private key was never kept.
  const wanted = { instance: defaultName, name: defaultName };
  if (registry.clients().some(({ name }) => name === defaultName)) await handlers['client.remove'](wanted, boxActor);
  writeClient(defaultClientDirectory(dataDirectory), await handlers['client.issue'](wanted, boxActor));
  await store.write(({ vault }) => vault.putSealedSecret(marker, sealer.seal(marker, Buffer.from('done'))));
  return true;
};

const writeClient = (directory: string, issued: IssuedClient): void => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, 'client.key'), issued.privateKeyPem, { mode: 0o600, flush: true });
  writeFileSync(join(directory, 'client.pem'), issued.certificatePem, { flush: true });
  writeFileSync(join(directory, 'ca.pem'), issued.authorityPem, { flush: true });
};
