// Changed settings of an upstream must still lead to the keys that it has authority over. Where they would not, every key
// of the instance would be out of reach, so they are refused: another root key is a matter of moving house.

import { isDeepStrictEqual } from 'node:util';
import { EdgeError, isKind, messageOf } from '../errors.ts';
import type { ServiceInstance, Upstream } from '../keys/instance-ports.ts';
import { isDestroyed } from '../keys/life-cycle.ts';
import type { ManagedObject } from '../keys/object.ts';
import type { StoreWriter } from '../keys/ports.ts';
import type { PreparedUpstream, UpstreamKind } from '../keys/upstream-ports.ts';
import { type AuthorityParts, kindNamed } from './open-authority.ts';

/** Keys that are tried: one may be damaged, or gone at its endpoint, for reasons of its own. */
const tried = 5;

/**
 * Throws `illegal-operation`, with `hint`, where `prepared` says another root key than `upstream`, or where none of a few of its keys can
 * be reached that way; what the upstream throws where it does not answer.
 */
export const requireSameKeys = async (
  parts: AuthorityParts,
  instance: ServiceInstance,
  upstream: Upstream,
  prepared: PreparedUpstream,
  hint = movingHint(instance),
): Promise<void> => {
  const kind = kindNamed(parts.upstreams, upstream.kind);
  const changed = (kind.fixed ?? []).filter((name) => prepared.settings[name] !== upstream.settings[name]);
  if (changed.length > 0) throw notTheSame(`${changed.join(' and ')} cannot be changed`, hint);
  const uids = sample(parts, instance, upstream);
  if (uids.length === 0) return;
  const { reaches, close } = reacherOf(parts, kind, instance, prepared);
  try {
    let problem = '';
    for (const uid of uids) {
      const refused = await refusalOf(() => reaches(uid));
      if (refused === undefined) return;
      problem = refused;
    }
    throw notTheSame(`the keys of '${instance.name}' are not there: ${problem}`, hint);
  } finally {
    await close();
  }
};

/** Throws `illegal-operation` where `upstream` is not as it was when the trial with its changed settings began. */
export const requireUnchanged = (
  tx: Pick<StoreWriter, 'upstreams'>,
  { name }: ServiceInstance,
  upstream: Upstream,
): void => {
  const now = tx.upstreams.upstreams().find(({ id }) => id === upstream.id);
  if (isDeepStrictEqual(now?.settings, upstream.settings)) return;
  throw new EdgeError('illegal-operation', `the upstream of '${name}' was changed by somebody else meanwhile`, {
    hint: 'nothing was changed: try again',
  });
};

const movingHint = ({ name }: ServiceInstance): string =>
  `to move the keys of '${name}' to another root key: 'kmip-edge instance migrate ${name} --to key-protect --crk …'`;

const notTheSame = (problem: string, hint: string): EdgeError =>
  new EdgeError('illegal-operation', `${problem}; nothing was changed`, { hint });

const sample = ({ store }: AuthorityParts, instance: ServiceInstance, { id }: Upstream): readonly string[] => {
  const isUsed = (object: ManagedObject): boolean =>
    object.upstreamId === id && object.missingSince === undefined && !isDestroyed(object);
  const uids: string[] = [];
  for (const object of store.objects.search({ instanceId: instance.id, attributes: [] })) {
    if (isUsed(object)) uids.push(object.uid);
    if (uids.length === tried) break;
  }
  return uids;
};

interface Reacher {
  /** Throws where the key is not reached. */
  reaches(uid: string): Promise<unknown>;
  close(): Promise<void>;
}

const reacherOf = (
  { store }: AuthorityParts,
  kind: UpstreamKind,
  instance: ServiceInstance,
  { settings, secret }: PreparedUpstream,
): Reacher => {
  if (kind.holds === 'keys') {
    const endpoint = kind.open(instance, settings, secret);
    return { reaches: (uid) => endpoint.describe(uid), close: () => endpoint.close() };
  }
  const rootKey = kind.open(instance, settings, secret);
  const reaches = async (uid: string): Promise<void> => {
    const wrapped = store.objects.find(uid)?.wrapped;
    if (wrapped) await rootKey.unwrap(wrapped, uid);
  };
  return { reaches, close: () => rootKey.close() };
};

/** What the upstream says against one key; undefined where it gives it. */
const refusalOf = async (act: () => Promise<unknown>): Promise<string | undefined> => {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (isKind(error, 'item-not-found') || isKind(error, 'wrapped-key-refused')) return messageOf(error);
    throw error;
  }
};
