// The service instances and their clients: loaded at start, changed while running, in effect at once. It answers the two
// questions of every request: whose certificate is this, and who has authority over that instance's keys.

import { randomUUID } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import type { Authority } from '../keys/authority.ts';
import type { Caller } from '../keys/caller.ts';
import type { Client, ClientOrigin, PinnedCertificate, ServiceInstance, Upstream } from '../keys/instance-ports.ts';
import type { LeaseTerm } from '../keys/lease.ts';
import type { StoreWriter } from '../keys/ports.ts';
import type { PreparedUpstream } from '../keys/upstream-ports.ts';
import { requireActive, requireStaying } from './life.ts';
import { type AuthorityParts, kindNamed, secretName, secretNames, settingsWith } from './open-authority.ts';
import { OpenUpstreams } from './open-upstreams.ts';
import { type NewClient, PinnedClients } from './pinned-clients.ts';
import { requireSameKeys, requireUnchanged } from './same-keys.ts';

/** What the kind's `prepare` takes. */
export type Settings = Readonly<Record<string, unknown>>;

export interface NewInstance {
  readonly name: string;
  readonly upstream: string;
  readonly settings: Settings;
  readonly lease: LeaseTerm;
}

/** What an instance is told to be from now on; undefined takes away. */
export type InstanceChanges = Partial<Pick<ServiceInstance, 'name' | 'lease' | 'suspendedAt' | 'removal'>>;

/** An upstream that was proved to work and is not stored yet. */
export interface ProvedUpstream {
  readonly kind: string;
  readonly prepared: PreparedUpstream;
}

/** An endpoint shows each adapter's keys to the certificates on that adapter alone. */
const otherKeysHint = 'upload the new certificate to where the one in use is: to the same KMIP adapter or instance';

export class InstanceRegistry {
  readonly #parts: AuthorityParts;
  readonly #instances = new Map<string, ServiceInstance>();
  readonly #upstreams: OpenUpstreams;
  readonly #clients: PinnedClients;

  /** Opens every stored upstream and starts watching it. */
  constructor(parts: AuthorityParts) {
    this.#parts = parts;
    const { instances, upstreams } = parts.store;
    this.#clients = new PinnedClients(parts);
    this.#upstreams = new OpenUpstreams(parts, (id) => this.#instances.get(id));
    for (const instance of instances.instances()) this.#instances.set(instance.id, instance);
    for (const upstream of upstreams.upstreams()) {
      // The credentials of one that is being erased went first.
      if (this.#instances.get(upstream.instanceId)?.removal?.erasing) this.#upstreams.keep(upstream);
      else this.#upstreams.tryToStart(upstream);
    }
  }

  /** The client that `fingerprint` (SHA-256, lower-case hexadecimal) is pinned for. */
  clientOf(fingerprint: string): Client | undefined {
    return this.#clients.of(fingerprint);
  }

  /** Throws `not-ready` for an upstream that could not be started; the others are served all the same. */
  authorityOf(upstreamId: string): Authority {
    return this.#upstreams.authorityOf(upstreamId);
  }

  /** The authority under which an instance's new keys are made. Throws as {@link authorityOf}. */
  authorityOfInstance(instanceId: string): Authority {
    return this.authorityOf(this.#instances.get(instanceId)?.upstreamId ?? instanceId);
  }

  /** The authority of an upstream that was started. */
  startedAuthority(upstreamId: string): Authority | undefined {
    return this.#upstreams.started(upstreamId);
  }

  /** A stored upstream. Throws `item-not-found`. */
  upstream(id: string): Upstream {
    return this.#upstreams.upstream(id);
  }

  instances(): readonly ServiceInstance[] {
    return [...this.#instances.values()];
  }

  clients(): readonly Client[] {
    return this.#clients.all();
  }

  nameOf(instanceId: string): string | undefined {
    return this.#instances.get(instanceId)?.name;
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

  /**
   * Throws `suspended` where the keys of an instance are not to be served, for an administrator `illegal-operation` where they
   * are not to be changed. Asked for every act on a key, so that it is in effect at once.
   */
  requireActive({ instanceId, administrator }: Pick<Caller, 'instanceId' | 'administrator'>): void {
    const instance = this.#instances.get(instanceId);
    if (!instance) throw new EdgeError('suspended', 'the service instance has been removed');
    if (administrator) requireStaying(instance);
    else requireActive(instance);
  }

  /**
   * Stores a change to an instance itself, and has it in effect when this resolves. With `reopen`, what is connected to its
   * upstreams is made anew. `also` joins the transaction and may refuse by throwing.
   */
  async change(
    instanceId: string,
    changes: InstanceChanges,
    also: (tx: StoreWriter) => void,
    options: { readonly reopen?: boolean; readonly erase?: boolean } = {},
  ): Promise<ServiceInstance> {
    const { erase = false, reopen = false } = options;
    const change = async (): Promise<ServiceInstance> => {
      await this.#parts.store.write(also, { erase });
      const instance = this.#instances.get(instanceId);
      if (!instance) throw new EdgeError('item-not-found', 'the service instance has been removed meanwhile');
      const changed = { ...instance, ...changes };
      this.#instances.set(instanceId, changed);
      if (reopen) await this.#upstreams.reopen(instanceId);
      return changed;
    };
    return reopen ? this.#upstreams.inTurn(instanceId, change) : change();
  }

  /** The upstreams of an instance: two while its keys move. */
  upstreamsOf(instanceId: string): readonly Upstream[] {
    return this.#upstreams.of(instanceId);
  }

  /** Ends what an instance that is being erased has to do with others: its clients know nobody, its upstreams are closed. */
  async detach(instanceId: string): Promise<void> {
    await this.#clients.detach(instanceId);
    await this.#upstreams.inTurn(instanceId, () => this.#upstreams.detach(instanceId));
  }

  /** There is no such instance any more. */
  forget(instanceId: string): void {
    this.#upstreams.forgetAll(instanceId);
    this.#instances.delete(instanceId);
  }

  /** Proves the set-up, stores it, and serves it from now on. Throws what the upstream's `prepare` throws. */
  async create(wanted: NewInstance): Promise<ServiceInstance> {
    const { store, clock } = this.#parts;
    const { name, lease } = wanted;
    if (this.instances().some((instance) => instance.name === name)) {
      throw new EdgeError('already-exists', `a service instance named '${name}' exists`, {
        hint: 'choose another name',
      });
    }
    const proved = await this.prove(wanted.upstream, wanted.settings);
    const id = randomUUID();
    const upstream = this.#newUpstream(id, proved);
    const instance = { id, name, upstreamId: upstream.id, lease, createdAt: clock.now() };
    await this.#keeping(proved, () =>
      store.write((tx) => {
        tx.instances.insertInstance(instance);
        this.#insertUpstream(tx, upstream, proved.prepared);
      }),
    );
    this.#instances.set(id, instance);
    this.#upstreams.start(upstream);
    return instance;
  }

  /** Checks a set-up live. Throws what the kind's `prepare` throws. */
  async prove(kind: string, settings: Settings): Promise<ProvedUpstream> {
    return { kind, prepared: await kindNamed(this.#parts.upstreams, kind).prepare(settings) };
  }

  /** Makes `proved` the upstream of new keys, beside the one that holds the others; `also` joins the transaction. */
  async addUpstream(
    instanceId: string,
    proved: ProvedUpstream,
    also: (tx: StoreWriter, upstream: Upstream) => void,
  ): Promise<Upstream> {
    const upstream = this.#newUpstream(instanceId, proved);
    const add = async (): Promise<void> => {
      await this.#parts.store.write((tx) => {
        this.#requireStaying(instanceId);
        this.#insertUpstream(tx, upstream, proved.prepared);
        tx.instances.setUpstream(instanceId, upstream.id);
        also(tx, upstream);
      });
      const instance = this.#instances.get(instanceId);
      if (instance) this.#instances.set(instanceId, { ...instance, upstreamId: upstream.id });
      this.#upstreams.start(upstream);
    };
    await this.#keeping(proved, () => this.#upstreams.inTurn(instanceId, add));
    return upstream;
  }

  /** Forgets an upstream that holds no keys any more, with its credentials; `also` joins the transaction, before. */
  async removeUpstream(id: string, also: (tx: StoreWriter) => void): Promise<void> {
    const remove = (tx: StoreWriter): void => {
      also(tx);
      tx.upstreams.deleteUpstream(id);
      for (const name of secretNames(id)) tx.vault.deleteSealedSecret(name);
    };
    await this.#upstreams.inTurn(this.upstream(id).instanceId, async () => {
      await this.#parts.store.write(remove, { erase: true });
      await this.#upstreams.remove(id);
    });
  }

  /**
   * Changes settings of an instance's upstream (a credential, a pin, an address) after a trial with them; null takes one
   * away. Throws what the kind's `prepare` throws, and `illegal-operation` where the keys cannot be reached that way or the
   * upstream is a root key that we hold; nothing is changed then.
   */
  async updateUpstream(instanceName: string, changes: Settings): Promise<ServiceInstance> {
    const instance = this.instanceNamed(instanceName);
    requireStaying(instance);
    const upstream = this.upstream(instance.upstreamId);
    if (kindNamed(this.#parts.upstreams, upstream.kind).secretSetting === undefined) {
      // To prepare such a kind makes a new root key, which would take the place of the one that its keys need.
      throw new EdgeError('illegal-operation', `upstream ${upstream.kind} of '${instanceName}' has no settings`);
    }
    const proved = await this.prove(upstream.kind, this.settingsWith(upstream, changes));
    try {
      await requireSameKeys(this.#parts, instance, upstream, proved.prepared);
    } catch (error) {
      proved.prepared.secret.fill(0);
      throw error;
    }
    const next = { ...upstream, settings: proved.prepared.settings };
    const change = async (): Promise<void> => {
      await this.#parts.store.write((tx) => {
        this.#requireStaying(instance.id);
        requireUnchanged(tx, instance, upstream);
        this.#insertUpstream(tx, next, proved.prepared);
      });
      await this.#upstreams.replace(next);
    };
    await this.#keeping(proved, () => this.#upstreams.inTurn(instance.id, change));
    return instance;
  }

  /**
   * Gives an upstream another credential for the same keys, after a trial with it, in one step and without a request that is
   * refused for it; `changes` as for {@link updateUpstream}. Resolves when nothing shows the one before any more. `also` joins
   * the transaction. Throws as {@link updateUpstream}; nothing is changed then.
   */
  async replaceCredential(
    instance: ServiceInstance,
    upstream: Upstream,
    changes: Settings,
    also: (tx: StoreWriter) => void,
  ): Promise<void> {
    const proved = await this.prove(upstream.kind, this.settingsWith(upstream, changes));
    const { settings, secret } = proved.prepared;
    const next = { ...upstream, settings };
    const change = async (): Promise<void> => {
      const store = (tx: StoreWriter): void => {
        this.#requireStaying(instance.id);
        requireUnchanged(tx, instance, upstream);
        this.#insertUpstream(tx, next, proved.prepared);
        also(tx);
      };
      await this.#parts.store.write(store, { erase: true });
      this.#upstreams.keep(next);
      const authority = this.#upstreams.started(next.id);
      if (authority?.replaceCredential) await authority.replaceCredential(settings, secret);
      else this.#upstreams.tryToStart(next);
    };
    await this.#keeping(proved, async () => {
      await requireSameKeys(this.#parts, instance, upstream, proved.prepared, otherKeysHint);
      await this.#upstreams.inTurn(instance.id, change);
    });
  }

  /** See {@link settingsWith}. */
  settingsWith(upstream: Upstream, changes: Settings): Settings {
    return settingsWith(this.#parts, upstream, changes);
  }

  /** Pins a certificate for an instance. Throws `already-exists` where the certificate or the name is taken. */
  async addClient(wanted: NewClient): Promise<Client> {
    return this.#clients.add(wanted, () => {
      const instance = this.instanceNamed(wanted.instance);
      requireStaying(instance);
      return instance;
    });
  }

  /** A client by its name. Throws `item-not-found`. */
  clientNamed(instanceName: string, name: string): Client {
    return this.#clients.named(this.instanceNamed(instanceName), name);
  }

  /**
   * Gives a client another certificate; with `keepOld` the one that it has is admitted beside it. What it had otherwise has no
   * access from now on. Throws `already-exists` where the certificate is another client's, and `item-not-found`.
   */
  async replaceCertificate(
    client: Client,
    next: PinnedCertificate & { readonly origin: ClientOrigin },
    keepOld: boolean,
  ): Promise<Client> {
    return this.#clients.replaceCertificate(client, next, keepOld);
  }

  /** Admits the certificate before a client's own no more. Throws `item-not-found`. */
  async dropFormer(instanceName: string, name: string): Promise<Client> {
    return this.#clients.dropFormer(this.instanceNamed(instanceName), name);
  }

  /** Takes a client's access away, at once. Its keys stay with the instance. Throws `item-not-found`. */
  async removeClient(instanceName: string, name: string): Promise<Client> {
    return this.#clients.remove(this.instanceNamed(instanceName), name);
  }

  /** Closes every authority, and then throws what the first of them threw, if any. */
  async close(): Promise<void> {
    await this.#upstreams.close();
  }

  #newUpstream(instanceId: string, { kind, prepared }: ProvedUpstream): Upstream {
    const createdAt = this.#parts.clock.now();
    return { id: randomUUID(), instanceId, kind, settings: prepared.settings, createdAt };
  }

  #insertUpstream(tx: StoreWriter, upstream: Upstream, { secret, rootKey }: PreparedUpstream): void {
    const now = this.#parts.clock.now();
    tx.upstreams.putUpstream(upstream);
    tx.upstreams.saveLease(upstream.id, { provenAt: now, highWater: now, rootKey });
    tx.vault.putSealedSecret(secretName(upstream.id), this.#parts.sealer.seal(secretName(upstream.id), secret));
  }

  async #keeping({ prepared }: ProvedUpstream, store: () => Promise<void>): Promise<void> {
    try {
      await store();
    } finally {
      prepared.secret.fill(0);
    }
  }

  /** Inside a transaction: what was asked for before it may have been answered already. */
  #requireStaying(instanceId: string): void {
    const instance = this.#instances.get(instanceId);
    if (instance) requireStaying(instance);
  }
}
