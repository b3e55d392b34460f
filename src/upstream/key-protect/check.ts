// The proof that a Key Protect set-up works, for the moment an administrator types it in: token, root key, and a wrap
// and unwrap of 32 random bytes. Each failure comes with what to do about it.

import { createSecretKey, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { EdgeError, isKind } from '../../errors.ts';
import type { RootKeyState } from '../../keys/root-key-ports.ts';
import { connectKeyProtect, type KeyProtectLink, type KeyProtectOptions } from './connect.ts';
import { valueOrThrow } from './errors.ts';
import { type Bound, stateOf, unwrapMaterial, wrapMaterial } from './root-key.ts';
import type { KeyResource } from './shapes.ts';

export interface KeyProtectFacts {
  /** The root key's own id: keep this one, as an alias can be moved to another key. */
  readonly crkId: string;
  readonly crkName?: string;
  readonly version?: string;
  /** Whether the material was imported; an own copy of it can then bring wrapped keys back. */
  readonly imported?: boolean;
}

const usableStates = [0, 1, 2, 3] as const;
const mostListed = 10;

const stateHints: Readonly<Record<Exclude<RootKeyState, 'active'>, string>> = {
  'pre-active': 'wait until its activation date, or name another root key',
  suspended: 'enable it in key protect, or name another root key',
  deactivated: 'it has expired and can wrap nothing new: create another root key',
  destroyed: 'it was deleted: restore it in key protect within 30 days, or name another root key',
};

const refused = (message: string, hint: string): EdgeError => new EdgeError('upstream-refused', message, { hint });

const listedKey = (key: KeyResource): string => `${key.name ?? 'without a name'} (${key.id}, ${stateOf(key)})`;

/** What to do when the named root key is not there: the root keys that are. */
const missingKeyHint = async ({ client }: KeyProtectLink): Promise<string> => {
  const outcome = await client.listRootKeys(usableStates);
  if (!outcome.ok) return 'check the id, the instance and the key ring; the root keys could not be listed';
  if (outcome.value.length === 0) {
    return 'there is no root key in this instance yet: create one, preferably from imported material that you keep a backup of';
  }
  const shown = outcome.value.slice(0, mostListed).map(listedKey).join(', ');
  const more = outcome.value.length > mostListed ? `, and ${outcome.value.length - mostListed} more` : '';
  return `root keys of this instance: ${shown}${more}`;
};

const findKey = async (link: KeyProtectLink): Promise<KeyResource> => {
  const outcome = await link.client.metadata(link.crk);
  if (!outcome.ok && outcome.failure.class === 'gone') {
    throw refused(`there is no ${link.name}: ${outcome.failure.error.message}`, await missingKeyHint(link));
  }
  return valueOrThrow(outcome);
};

const checkState = (link: KeyProtectLink, key: KeyResource): void => {
  if (key.extractable) throw refused(`${link.name} is a standard key`, 'name a root key (made with extractable false)');
  const state = stateOf(key);
  if (state !== 'active') throw refused(`${link.name} is ${state}`, stateHints[state]);
};

const sameBytes = (one: KeyObject, other: KeyObject): boolean => one.equals(other);

/** With additional data, a wrapped key must not open for another identifier. */
const checkBinding = async (bound: Bound, wrapped: { text: string }): Promise<void> => {
  try {
    await unwrapMaterial(bound, wrapped, `kmip-edge-check-${randomUUID()}`);
  } catch (error) {
    if (isKind(error, 'wrapped-key-refused')) return;
    throw error;
  }
  throw refused(
    `${bound.name} ignores additional data: a wrapped key opens for any identifier`,
    'set aad to false for this endpoint, if you accept that wrapped keys are not bound to their objects',
  );
};

const roundTrip = async (bound: Bound): Promise<void> => {
  const material = createSecretKey(randomBytes(32));
  const uid = `kmip-edge-check-${randomUUID()}`;
  const wrapped = await wrapMaterial(bound, material, uid);
  const opened = await unwrapMaterial(bound, wrapped, uid);
  if (!sameBytes(material, opened.material)) {
    throw refused(`${bound.name} does not give back what it wrapped`, 'do not use this endpoint; tell IBM support');
  }
  if (bound.aad) await checkBinding(bound, wrapped);
};

const facts = (key: KeyResource): KeyProtectFacts => ({
  crkId: key.id,
  ...(key.name === undefined ? {} : { crkName: key.name }),
  ...(key.keyVersion === undefined ? {} : { version: key.keyVersion.id }),
  ...(key.imported === undefined ? {} : { imported: key.imported }),
});

/** A verdict between two steps of the check is a refusal of the set-up, no more. */
const asRefusal = (error: unknown): unknown =>
  isKind(error, 'root-key-unusable', 'wrapped-key-refused')
    ? new EdgeError('upstream-refused', error.message, {
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        cause: error,
      })
    : error;

/**
 * Proves that the API key gives a token, that the root key is there and active, and that it opens what it wraps, and
 * only with the same additional data. Errors, each with a hint: `upstream-refused`, `upstream-unreachable`, and
 * `invalid-field` for options that cannot be.
 */
export const checkKeyProtect = async (options: KeyProtectOptions): Promise<KeyProtectFacts> => {
  const link = connectKeyProtect(options);
  try {
    valueOrThrow(await link.token.get());
    const key = await findKey(link);
    checkState(link, key);
    await roundTrip({ client: link.client, crk: key.id, aad: options.aad ?? true, name: link.name });
    return facts(key);
  } catch (error) {
    throw asRefusal(error);
  } finally {
    await link.close();
  }
};
