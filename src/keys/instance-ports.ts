// What is kept of service instances, of their clients and of their upstreams: a part of the store, as ports.ts has the rest.

import type { Removal } from './removal-ports.ts';
import type { LeaseRecord } from './root-key-ports.ts';

export interface ServiceInstance {
  readonly id: string;
  readonly name: string;
  /** The upstream that new keys are made under. Keys that still move may belong to another one. */
  readonly upstreamId: string;
  /** How long keys may be served without proof of life, in milliseconds. */
  readonly lease: number | 'unlimited';
  readonly createdAt: number;
  /** Since when its keys are not served, because an administrator said so; in milliseconds since 1970. */
  readonly suspendedAt?: number | undefined;
  /** Absent where no removal was asked for. */
  readonly removal?: Removal | undefined;
}

export interface Upstream {
  readonly id: string;
  readonly instanceId: string;
  readonly kind: string;
  /** No secrets. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
}

/** A Create that was sent to an endpoint and whose end is not recorded. */
export interface PendingCreate {
  readonly marker: string;
  readonly upstreamId: string;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
}

/** How a client's certificate came to be: brought by it, made here with its key, or signed here for a key of its own. */
export type ClientOrigin = 'pinned' | 'issued' | 'signed';

export interface PinnedCertificate {
  /** SHA-256 of the certificate, lower-case hexadecimal. */
  readonly fingerprint: string;
  readonly certificatePem: string;
}

export interface Client extends PinnedCertificate {
  readonly id: string;
  readonly instanceId: string;
  readonly name: string;
  readonly origin: ClientOrigin;
  readonly addedAt: number;
  /** The certificate before, while it is admitted too. */
  readonly former?: PinnedCertificate | undefined;
}

export interface InstanceReader {
  instances(): readonly ServiceInstance[];
  clients(): readonly Client[];
}

export interface InstanceWriter extends InstanceReader {
  insertInstance(instance: ServiceInstance): void;
  /** Throws `already-exists` where the name or the certificate is taken. */
  insertClient(client: Client): void;
  /** Replaces its certificates and origin. Throws as `insertClient`, and `item-not-found`. */
  updateClient(client: Client): void;
  /** False where there was none. */
  deleteClient(id: string): boolean;
  setUpstream(instanceId: string, upstreamId: string): void;
  /** Throws `already-exists` for a name that is taken. */
  rename(instanceId: string, name: string): void;
  setLease(instanceId: string, lease: ServiceInstance['lease']): void;
  setSuspended(instanceId: string, since: number | undefined): void;
  /** Inserts or replaces it. */
  putRemoval(instanceId: string, removal: Removal): void;
  deleteRemoval(instanceId: string): void;
  /** With its clients, leases and moves. It must have no objects and no upstreams left. */
  deleteInstance(instanceId: string): void;
}

export interface UpstreamReader {
  upstreams(): readonly Upstream[];
  lease(upstreamId: string): LeaseRecord | undefined;
  pendingCreates(upstreamId: string): readonly PendingCreate[];
}

export interface UpstreamWriter extends UpstreamReader {
  /** Inserts it, or replaces the settings of one that is there. */
  putUpstream(upstream: Upstream): void;
  /** With its lease and its pending creates. It must have no objects left. */
  deleteUpstream(id: string): void;
  saveLease(upstreamId: string, record: LeaseRecord): void;
  addPendingCreate(create: PendingCreate): void;
  deletePendingCreate(marker: string): void;
}
