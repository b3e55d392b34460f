// The service instances and their clients: loaded at start, changed while running, in effect at once. It answers the two
// questions of every request: whose certificate is this, and who has authority over that instance's keys.

import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { EdgeError, messageOf } from '../errors.ts';
import type { Authority } from '../keys/authority.ts';
import { EnvelopeAuthority } from '../keys/envelope.ts';
import { type LeaseTerm, OfflineLease } from '../keys/lease.ts';
import type {
  Client,
  KeyCache,
  LeaseRecord,
  PreparedUpstream,
  Sealer,
  ServiceInstance,
  Store,
  UpstreamKind,
} from '../keys/ports.ts';
import { RootKeyWatch } from '../keys/root-key-watch.ts';
import type { Log } from '../log.ts';

export interface RegistryOptions {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly cache: KeyCache;
  readonly upstreams: readonly UpstreamKind[];
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds between two questions for a remote root key's state. */
  readonly pollInterval: number;
}

export interface NewInstance {
  readonly name: string;
  readonly upstream: string;
  /** What the upstream kind's `prepare` takes. */
  readonly settings: unknown;
  readonly lease: LeaseTerm;
}

export interface NewClient {
  readonly instance: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly certificatePem: string;
}

const secretName = (instanceId: string): string => `upstream ${instanceId}`;

export class InstanceRegistry {
  readonly #options: RegistryOptions;
  readonly #instances = new Map<string, ServiceInstance>();
  readonly #authorities = new Map<string, Authority>();
  readonly #clientByFingerprint = new Map<string, Client>();

  /** Opens every stored instance and starts watching its root key. */
  constructor(options: RegistryOptions) {
    this.#options = options;
    const { instances } = options.store;
    for (const client of instances.clients()) this.#clientByFingerprint.set(client.fingerprint, client);
    for (const instance of instances.instances()) this.#restart(instance, instances.lease(instance.id));
  }

  /** The client that `fingerprint` (SHA-256, lower-case hexadecimal) is pinned for. */
  clientOf(fingerprint: string): Client | undefined {
    return this.#clientByFingerprint.get(fingerprint);
  }

  /** Throws `not-ready` for an instance that could not be started; the others are served all the same. */
  authorityOf(instanceId: string): Authority {
    const authority = this.#authorities.get(instanceId);
    if (authority) return authority;
    const name = this.#instances.get(instanceId)?.name ?? instanceId;
    throw new EdgeError('not-ready', `service instance '${name}' could not be started`, { hint: 'see the log' });
  }

  /** The authority of an instance that was started. */
  startedAuthority(instanceId: string): Authority | undefined {
    return this.#authorities.get(instanceId);
  }

  instances(): readonly ServiceInstance[] {
    return [...this.#instances.values()];
  }

  clients(): readonly Client[] {
    return [...this.#clientByFingerprint.values()];
  }

  /** By name. Throws `item-not-found`. */
  instanceNamed(name: string): ServiceInstance {
    const instance = this.instances().find((candidate) => candidate.name === name);
    if (instance) return instance;
    const names = this.instances().map((candidate) => candidate.name);
    throw new EdgeError('item-not-found', `there is no service instance named '${name}'`, {
      hint: names.length > 0 ? `there are: ${names.join(', ')}` : "create one with 'kmip-edge instance create'",
    });
  }

  /** Proves the set-up, stores it, and serves it from now on. Throws what the upstream's `prepare` throws. */
  async create(wanted: NewInstance): Promise<ServiceInstance> {
    const { store, sealer, clock } = this.#options;
    if (this.instances().some(({ name }) => name === wanted.name)) {
      throw new EdgeError('already-exists', `a service instance named '${wanted.name}' exists`, {
        hint: 'choose another name',
      });
    }
    const prepared = await this.#kind(wanted.upstream).prepare(wanted.settings);
    const now = clock.now();
    const { name, upstream, lease } = wanted;
    const instance = { id: randomUUID(), name, upstream, settings: prepared.settings, lease, createdAt: now };
    const record = { provenAt: now, highWater: now, rootKey: prepared.rootKey };
    try {
      const sealed = sealer.seal(secretName(instance.id), prepared.secret);
      await store.write((tx) => {
        tx.instances.insertInstance(instance);
        tx.instances.saveLease(instance.id, record);
        tx.vault.putSealedSecret(secretName(instance.id), sealed);
      });
      this.#start(instance, record, prepared);
    } finally {
      prepared.secret.fill(0);
    }
    return instance;
  }

  /** Pins a certificate for an instance. Throws `already-exists` where the certificate or the name is taken. */
  async addClient(wanted: NewClient): Promise<Client> {
    const { id: instanceId } = this.instanceNamed(wanted.instance);
    const { name, fingerprint, certificatePem } = wanted;
    const addedAt = this.#options.clock.now();
    const client: Client = { id: randomUUID(), instanceId, name, fingerprint, certificatePem, addedAt };
    await this.#options.store.write((tx) => tx.instances.insertClient(client));
    this.#clientByFingerprint.set(fingerprint, client);
    return client;
  }

  /** Takes a client's access away, at once. Its keys stay with the instance. Throws `item-not-found`. */
  async removeClient(instanceName: string, name: string): Promise<Client> {
    const { id } = this.instanceNamed(instanceName);
    const client = this.clients().find((candidate) => candidate.instanceId === id && candidate.name === name);
    if (!client) {
      throw new EdgeError('item-not-found', `service instance '${instanceName}' has no client named '${name}'`, {
        hint: "see 'kmip-edge client list'",
      });
    }
    await this.#options.store.write((tx) => tx.instances.deleteClient(client.id));
    this.#clientByFingerprint.delete(client.fingerprint);
    return client;
  }

  /** Closes every authority, and then throws what the first of them threw, if any. */
  async close(): Promise<void> {
    const closed = await Promise.allSettled([...this.#authorities.values()].map((authority) => authority.close()));
    for (const outcome of closed) if (outcome.status === 'rejected') throw outcome.reason;
  }

  #kind(name: string): UpstreamKind {
    const { upstreams } = this.#options;
    const kind = upstreams.find((candidate) => candidate.kind === name);
    if (kind) return kind;
    const known = upstreams.map((candidate) => candidate.kind).join(', ');
    throw new EdgeError('invalid-field', `there is no upstream kind '${name}'`, { hint: `there are: ${known}` });
  }

  /** One damaged instance must not keep the others from serving. */
  #restart(instance: ServiceInstance, saved: LeaseRecord | undefined): void {
    try {
      this.#start(instance, saved);
    } catch (error) {
      this.#instances.set(instance.id, instance);
      this.#options.log.error('service instance not started', { instance: instance.name, problem: messageOf(error) });
    }
  }

  #start(instance: ServiceInstance, saved: LeaseRecord | undefined, prepared?: PreparedUpstream): void {
    if (!saved) throw new EdgeError('data-damaged', `service instance '${instance.name}' has lost its lease record`);
    const secret = prepared?.secret ?? this.#secretOf(instance);
    const authority = this.#authority(instance, saved, secret);
    secret.fill(0);
    this.#instances.set(instance.id, instance);
    this.#authorities.set(instance.id, authority);
    authority.start();
  }

  #secretOf({ id, name }: ServiceInstance): Buffer {
    const { store, sealer } = this.#options;
    const sealed = store.vault.sealedSecret(secretName(id));
    if (!sealed) throw new EdgeError('data-damaged', `service instance '${name}' has lost its upstream credentials`);
    return sealer.open(secretName(id), sealed);
  }

  #authority(instance: ServiceInstance, saved: LeaseRecord, secret: Buffer): Authority {
    const { store, sealer, cache, clock, log, pollInterval } = this.#options;
    const kind = this.#kind(instance.upstream);
    const rootKey = kind.open(instance, instance.settings, secret);
    const lease = new OfflineLease(kind.remote ? instance.lease : 'unlimited', saved, clock);
    const watch = new RootKeyWatch({
      instance: instance.name,
      rootKey,
      lease,
      clock,
      log,
      interval: kind.remote ? pollInterval : 'never',
      save: (record) => store.write((tx) => tx.instances.saveLease(instance.id, record)),
      onUnusable: () => cache.deleteInstance(instance.id),
    });
    return new EnvelopeAuthority({
      instance,
      rootKey,
      lease,
      watch,
      keepsCopies: kind.remote,
      store,
      sealer,
      clock,
      log,
    });
  }
}
