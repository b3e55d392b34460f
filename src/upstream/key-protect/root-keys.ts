// The root keys of a Key Protect instance, for an administrator who has to choose one of them.

import type { RootKeyState } from '../../keys/root-key-ports.ts';
import { connectInstance, type InstanceOptions } from './connect.ts';
import { valueOrThrow } from './errors.ts';
import { stateOf } from './root-key.ts';
import type { KeyResource } from './shapes.ts';

/** What helps to choose. Dates are milliseconds since 1970. */
export interface ListedRootKey {
  readonly id: string;
  readonly name?: string;
  readonly aliases: readonly string[];
  /** Only an active one can be chosen. */
  readonly state: RootKeyState;
  /** Whether the material was brought; an own copy of it can bring wrapped keys back when Key Protect has lost the key. */
  readonly imported?: boolean;
  readonly version?: string;
  readonly createdAt?: number;
  readonly rotatedAt?: number;
}

/** All but destroyed ones: that a key is suspended explains why it cannot be chosen. */
const listedStates = [0, 1, 2, 3] as const;

/**
 * The root keys that the API key may see, active ones first, then by name. Throws `invalid-field`, `upstream-refused`
 * and `upstream-unreachable`.
 */
export const listRootKeys = async (options: InstanceOptions): Promise<readonly ListedRootKey[]> => {
  const link = connectInstance(options);
  try {
    valueOrThrow(await link.token.get());
    return valueOrThrow(await link.client.listRootKeys(listedStates))
      .map(listed)
      .toSorted(byUse);
  } finally {
    await link.close();
  }
};

const listed = (key: KeyResource): ListedRootKey => ({
  id: key.id,
  ...(key.name === undefined ? {} : { name: key.name }),
  aliases: key.aliases ?? [],
  state: stateOf(key),
  ...(key.imported === undefined ? {} : { imported: key.imported }),
  ...(key.keyVersion === undefined ? {} : { version: key.keyVersion.id }),
  ...dateOf('createdAt', key.creationDate),
  ...dateOf('rotatedAt', key.lastRotateDate),
});

/** A date that cannot be read is as good as none. */
const dateOf = <N extends string>(name: N, text: string | undefined): { readonly [P in N]?: number } => {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return (Number.isNaN(ms) ? {} : { [name]: ms }) as { readonly [P in N]?: number };
};

const byUse = (one: ListedRootKey, other: ListedRootKey): number =>
  Number(other.state === 'active') - Number(one.state === 'active') ||
  (one.name ?? one.id).localeCompare(other.name ?? other.id);
