// The clients whose certificates are pinned, of all service instances: by fingerprint, which is what a connection shows.

import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { EdgeError } from '../errors.ts';
import type { Client, ClientOrigin, PinnedCertificate, ServiceInstance } from '../keys/instance-ports.ts';
import type { Store } from '../keys/ports.ts';

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

  /** Pins a certificate for an instance. Throws `already-exists` where the certificate or the name is taken. */
  async add(instance: ServiceInstance, wanted: NewClient): Promise<Client> {
    const { name, fingerprint, certificatePem, origin = 'pinned' } = wanted;
    const addedAt = this.#clock.now();
    const client = { id: randomUUID(), instanceId: instance.id, name, fingerprint, certificatePem, origin, addedAt };
    await this.#store.write((tx) => tx.instances.insertClient(client));
    this.#know(client);
    return client;
  }

  /** Gives a client another certificate; `former` is the one that is admitted beside it. Throws `already-exists`. */
  async replaceCertificate(
    client: Client,
    next: PinnedCertificate & { readonly origin: ClientOrigin },
    former: PinnedCertificate | undefined,
  ): Promise<Client> {
    const { fingerprint, certificatePem, origin } = next;
    const replaced = { ...client, fingerprint, certificatePem, origin, former };
    await this.#store.write((tx) => tx.instances.updateClient(replaced));
    this.#unknow(client);
    this.#know(replaced);
    return replaced;
  }

  /** Takes a client's access away, at once. */
  async remove(client: Client): Promise<Client> {
    await this.#store.write((tx) => tx.instances.deleteClient(client.id));
    this.#unknow(client);
    return client;
  }

  /** The clients of an instance that is being erased know nobody; what is stored goes with the instance. */
  detach(instanceId: string): void {
    for (const [fingerprint, client] of this.#byFingerprint) {
      if (client.instanceId === instanceId) this.#byFingerprint.delete(fingerprint);
    }
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
