// The clients whose certificates are pinned, of all service instances: by fingerprint, which is what a connection shows.

import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { EdgeError } from '../errors.ts';
import type { Client, ClientOrigin, PinnedCertificate, ServiceInstance } from '../keys/instance-ports.ts';
import type { Store } from '../keys/ports.ts';
import { OneAtATime } from '../one-at-a-time.ts';

export interface NewClient {
  readonly instance: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly certificatePem: string;
  /** `pinned` unless told. */
  readonly origin?: ClientOrigin;
}

export class PinnedClients {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #byFingerprint = new Map<string, Client>();
  /** Each change begins with what the one before it has left: otherwise a removed client could come back. */
  readonly #acts = new OneAtATime();

  /** Knows what is stored. */
  constructor({ store, clock }: { readonly store: Store; readonly clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
    for (const client of store.instances.clients()) this.#know(client);
  }

  /** The client that `fingerprint` (SHA-256, lower-case hexadecimal) is pinned for. */
  of(fingerprint: string): Client | undefined {
    return this.#byFingerprint.get(fingerprint);
  }

  all(): readonly Client[] {
    return [...new Set(this.#byFingerprint.values())];
  }

  /** A client of an instance by its name. Throws `item-not-found`. */
  named(instance: ServiceInstance, name: string): Client {
    const client = this.all().find((candidate) => candidate.instanceId === instance.id && candidate.name === name);
    if (client) return client;
    throw new EdgeError('item-not-found', `service instance '${instance.name}' has no client named '${name}'`, {
      hint: "see 'kmip-edge client list'",
    });
  }

  /**
   * Pins a certificate for the instance that `instanceOf` gives, which may refuse by throwing. Throws `already-exists` where
   * the certificate or the name is taken.
   */
  add(wanted: NewClient, instanceOf: () => ServiceInstance): Promise<Client> {
    return this.#acts.run(async () => {
      const { name, fingerprint, certificatePem, origin = 'pinned' } = wanted;
      const { id: instanceId } = instanceOf();
      const addedAt = this.#clock.now();
      const client = { id: randomUUID(), instanceId, name, fingerprint, certificatePem, origin, addedAt };
      await this.#store.write((tx) => tx.instances.insertClient(client));
      this.#know(client);
      return client;
    });
  }

  /**
   * Gives a client another certificate; with `keepOld` the one that it has by then is admitted beside it, and otherwise it
   * alone. Throws `already-exists`, and `item-not-found` for a client that was removed meanwhile.
   */
  replaceCertificate(
    { id, name }: Client,
    { fingerprint, certificatePem, origin }: PinnedCertificate & { readonly origin: ClientOrigin },
    keepOld: boolean,
  ): Promise<Client> {
    return this.#acts.run(async () => {
      const client = this.all().find((candidate) => candidate.id === id);
      if (!client) throw new EdgeError('item-not-found', `client '${name}' has been removed meanwhile`);
      const former = { fingerprint: client.fingerprint, certificatePem: client.certificatePem };
      const changed = { ...client, fingerprint, certificatePem, origin, former: keepOld ? former : undefined };
      return this.#change(client, changed);
    });
  }

  /** Admits the certificate before a client's own no more. Throws `item-not-found` where there is none. */
  dropFormer(instance: ServiceInstance, name: string): Promise<Client> {
    return this.#acts.run(async () => {
      const client = this.named(instance, name);
      if (client.former) return this.#change(client, { ...client, former: undefined });
      throw new EdgeError('item-not-found', `client '${name}' of '${instance.name}' has no certificate before its own`);
    });
  }

  /** Takes a client's access away, at once. Throws `item-not-found`. */
  remove(instance: ServiceInstance, name: string): Promise<Client> {
    return this.#acts.run(async () => {
      const client = this.named(instance, name);
      await this.#store.write((tx) => tx.instances.deleteClient(client.id));
      this.#unknow(client);
      return client;
    });
  }

  /** The clients of an instance that is being erased know nobody; what is stored goes with the instance. */
  detach(instanceId: string): Promise<void> {
    return this.#acts.run(async () => {
      for (const [fingerprint, client] of this.#byFingerprint) {
        if (client.instanceId === instanceId) this.#byFingerprint.delete(fingerprint);
      }
    });
  }

  async #change(client: Client, changed: Client): Promise<Client> {
    await this.#store.write((tx) => tx.instances.updateClient(changed));
    this.#unknow(client);
    this.#know(changed);
    return changed;
  }

  #know(client: Client): void {
    this.#byFingerprint.set(client.fingerprint, client);
    if (client.former) this.#byFingerprint.set(client.former.fingerprint, client);
  }

  #unknow(client: Client): void {
    this.#byFingerprint.delete(client.fingerprint);
    if (client.former) this.#byFingerprint.delete(client.former.fingerprint);
  }
}
