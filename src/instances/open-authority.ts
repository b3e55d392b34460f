// Opens a stored upstream: its kind, its credentials and what was last heard from it become an authority.

import type { Clock } from '../clock.ts';
import { EdgeError } from '../errors.ts';
import type { Authority } from '../keys/authority.ts';
import type { KeyCache } from '../keys/cache-ports.ts';
import { EnvelopeAuthority } from '../keys/envelope.ts';
import type { ServiceInstance, Upstream } from '../keys/instance-ports.ts';
import { OfflineLease } from '../keys/lease.ts';
import type { Store } from '../keys/ports.ts';
import { RegionalAuthority, type RegionalTimings } from '../keys/regional.ts';
import type { LeaseRecord, RootKey } from '../keys/root-key-ports.ts';
import { RootKeyWatch } from '../keys/root-key-watch.ts';
import type { Sealer } from '../keys/seal-ports.ts';
import type { UpstreamKind } from '../keys/upstream-ports.ts';
import type { Log } from '../log.ts';

export interface AuthorityParts {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly cache: KeyCache;
  readonly upstreams: readonly UpstreamKind[];
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds between two questions for a remote upstream's state. */
  readonly pollInterval: number;
  readonly regional: RegionalTimings;
}

/** The name under which an upstream's credentials are kept, sealed. */
export const secretName = (upstreamId: string): string => `upstream ${upstreamId}`;

/** The name under which the identity is kept, sealed, that is to take the place of an upstream's. */
export const renewalName = (upstreamId: string): string => `renewal ${upstreamId}`;

/** Everything of an upstream that rests in the vault. */
export const secretNames = (upstreamId: string): readonly string[] => [secretName(upstreamId), renewalName(upstreamId)];

/** The name under which the identity of an instance to be is kept, sealed, until there is one of that name. */
export const identityName = (instance: string): string => `identity ${instance}`;

/** The kind of this name. Throws `invalid-field`. */
export const kindNamed = (upstreams: readonly UpstreamKind[], name: string): UpstreamKind => {
  const kind = upstreams.find((candidate) => candidate.kind === name);
  if (kind) return kind;
  const known = upstreams.map((candidate) => candidate.kind).join(', ');
  throw new EdgeError('invalid-field', `there is no upstream kind '${name}'`, { hint: `there are: ${known}` });
};

/** Reaches the root key of an upstream by its kind, outside of any service instance. Throws `invalid-field`. */
export const rootKeyOf =
  (upstreams: readonly UpstreamKind[]) =>
  (address: { readonly upstream: string; readonly settings: unknown }, secret: Buffer): RootKey => {
    const kind = kindNamed(upstreams, address.upstream);
    if (kind.holds === 'root key') return kind.open({ id: 'seal', name: 'seal' }, address.settings, secret);
    throw new EdgeError('invalid-field', `the upstream kind ${kind.kind} has no root key`);
  };

/** An upstream's credentials; the caller wipes them. Throws `data-damaged`. */
export const secretOf = ({ store, sealer }: AuthorityParts, upstream: Upstream): Buffer => {
  const sealed = store.vault.sealedSecret(secretName(upstream.id));
  if (!sealed) throw new EdgeError('data-damaged', `the credentials of upstream ${upstream.id} are lost`);
  return sealer.open(secretName(upstream.id), sealed);
};

/** What `prepare` takes for a stored upstream with some changes: the credential as well. */
export const settingsWith = (
  parts: AuthorityParts,
  upstream: Upstream,
  changes: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => {
  const { secretSetting, alternatives = [] } = kindNamed(parts.upstreams, upstream.kind);
  const secret = secretSetting === undefined ? {} : { [secretSetting]: secretText(parts, upstream) };
  const isChosen = (name: string): boolean => changes[name] !== null && changes[name] !== undefined;
  const replaced = alternatives.some(isChosen) ? Object.fromEntries(alternatives.map((name) => [name, null])) : {};
  const merged = { ...upstream.settings, ...secret, ...replaced, ...changes };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null && value !== undefined));
};

const secretText = (parts: AuthorityParts, upstream: Upstream): string => {
  const secret = secretOf(parts, upstream);
  const text = secret.toString();
  secret.fill(0);
  return text;
};

/** The authority of a stored upstream; not started yet. Throws `data-damaged` and what its kind throws. */
export const openAuthority = (parts: AuthorityParts, instance: ServiceInstance, upstream: Upstream): Authority => {
  const saved = parts.store.upstreams.lease(upstream.id);
  if (!saved) throw new EdgeError('data-damaged', `service instance '${instance.name}' has lost its lease record`);
  const secret = secretOf(parts, upstream);
  try {
    return authorityOf(parts, instance, upstream, saved, secret);
  } finally {
    secret.fill(0);
  }
};

const authorityOf = (
  parts: AuthorityParts,
  instance: ServiceInstance,
  upstream: Upstream,
  saved: LeaseRecord,
  secret: Buffer,
): Authority => {
  const { store, sealer, cache, clock, log, pollInterval, regional } = parts;
  const kind = kindNamed(parts.upstreams, upstream.kind);
  const remote = kind.holds === 'keys' || kind.remote;
  const lease = new OfflineLease(remote ? instance.lease : 'unlimited', saved, clock);
  const watchOf = (rootKey: Pick<RootKey, 'status'>): RootKeyWatch =>
    new RootKeyWatch({
      instance: instance.name,
      rootKey,
      lease,
      clock,
      log,
      interval: remote ? pollInterval : 'never',
      save: (record) => store.write((tx) => tx.upstreams.saveLease(upstream.id, record)),
      onUnusable: () => cache.deleteUpstream(upstream.id),
    });
  const common = { instance, upstreamId: upstream.id, lease, store, sealer, clock, log };
  if (kind.holds === 'root key') {
    const rootKey = kind.open(instance, upstream.settings, secret);
    return new EnvelopeAuthority({ ...common, rootKey, watch: watchOf(rootKey), keepsCopies: remote });
  }
  const endpoint = kind.open(instance, upstream.settings, secret);
  const status: RootKey['status'] = async () => {
    await endpoint.probe();
    return { state: 'active', name: endpoint.name };
  };
  return new RegionalAuthority({
    ...common,
    endpoint,
    watch: watchOf({ status }),
    cache,
    timings: regional,
    aliveUntil: saved.highWater,
  });
};
