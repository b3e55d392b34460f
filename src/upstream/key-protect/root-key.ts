// A customer root key (CRK) in IBM Key Protect as a RootKey. The object's unique identifier goes along as additional
// data, so that wrapped keys cannot be swapped in the store. Key bytes live in a Buffer for a moment and then in a
// KeyObject; their base64 text in the JSON of request and answer cannot be wiped in JavaScript, and is short-lived.

import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { EdgeError } from '../../errors.ts';
import type { RootKey, RootKeyState, RootKeyStatus, WrappedKey } from '../../keys/root-key-ports.ts';
import type { KeyProtectClient } from './client.ts';
import { connectKeyProtect, type KeyProtectOptions } from './connect.ts';
import { valueOrThrow } from './errors.ts';
import type { KeyResource } from './shapes.ts';

/** What the calls on one root key need. */
export interface Bound {
  readonly client: KeyProtectClient;
  readonly crk: string;
  readonly aad: boolean;
  readonly name: string;
}

const generatedBytes = 32;
const longestAad = 255;

const states: Readonly<Record<KeyResource['state'], RootKeyState>> = {
  0: 'pre-active',
  1: 'active',
  2: 'suspended',
  3: 'deactivated',
  5: 'destroyed',
};

/** Key Protect's state of a key; one that is marked as deleted is destroyed whatever its number says. */
export const stateOf = (key: KeyResource): RootKeyState => (key.deleted === true ? 'destroyed' : states[key.state]);

const aadOf = ({ aad }: Bound, uid: string): { aad?: readonly string[] } => {
  if (uid === '' || uid.length > longestAad) {
    throw new EdgeError(
      'invalid-field',
      `a unique identifier of ${uid.length} characters cannot be bound to a wrapped key`,
      {
        hint: `it must have 1 to ${longestAad} characters`,
      },
    );
  }
  return aad ? { aad: [uid] } : {};
};

const toMaterial = (base64: string): KeyObject => {
  const bytes = Buffer.from(base64, 'base64');
  try {
    return createSecretKey(bytes);
  } finally {
    bytes.fill(0);
  }
};

const toBase64 = (material: KeyObject): string => {
  const bytes = material.export();
  try {
    return bytes.toString('base64');
  } finally {
    bytes.fill(0);
  }
};

interface Version {
  readonly id: string;
}

const wrappedKey = (text: string, version: Version | undefined): WrappedKey =>
  version === undefined ? { text } : { text, version: version.id };

/** Wraps a symmetric key, bound to `uid`. Errors as {@link RootKey}. */
export const wrapMaterial = async (bound: Bound, material: KeyObject, uid: string): Promise<WrappedKey> => {
  const request = { plaintext: toBase64(material), ...aadOf(bound, uid) };
  const answer = valueOrThrow(await bound.client.wrap(bound.crk, request));
  return wrappedKey(answer.ciphertext, answer.keyVersion);
};

const generateThere = async (bound: Bound, uid: string) => {
  const answer = valueOrThrow(await bound.client.wrap(bound.crk, aadOf(bound, uid)));
  const material = answer.plaintext === undefined ? undefined : toMaterial(answer.plaintext);
  if (material?.symmetricKeySize !== generatedBytes) {
    throw new EdgeError('upstream-unreachable', `key protect made no key of ${generatedBytes} bytes when asked to`, {
      hint: 'this is not an answer of key protect: check the url, and any proxy on the way',
    });
  }
  return { material, wrapped: wrappedKey(answer.ciphertext, answer.keyVersion) };
};

const generateHere = async (bound: Bound, bytes: number, uid: string) => {
  const random = randomBytes(bytes);
  const material = createSecretKey(random);
  random.fill(0);
  return { material, wrapped: await wrapMaterial(bound, material, uid) };
};

/** Opens a wrapped key; `rewrapped` is there when the root key was rotated since. Errors as {@link RootKey}. */
export const unwrapMaterial = async (bound: Bound, wrapped: WrappedKey, uid: string) => {
  const answer = valueOrThrow(await bound.client.unwrap(bound.crk, { ciphertext: wrapped.text, ...aadOf(bound, uid) }));
  const material = toMaterial(answer.plaintext);
  if (answer.ciphertext === undefined || answer.ciphertext === wrapped.text) return { material };
  return { material, rewrapped: wrappedKey(answer.ciphertext, answer.rewrappedKeyVersion) };
};

const statusOf = async ({ client, crk, name }: Bound): Promise<RootKeyStatus> => {
  const outcome = await client.metadata(crk);
  if (!outcome.ok && outcome.failure.class === 'gone') return { state: 'destroyed' };
  const key = valueOrThrow(outcome);
  if (key.extractable) {
    throw new EdgeError('upstream-refused', `${name} is a standard key`, { hint: 'name a root key (not extractable)' });
  }
  return {
    state: stateOf(key),
    ...(key.name === undefined ? {} : { name: key.name }),
    ...(key.keyVersion === undefined ? {} : { version: key.keyVersion.id }),
  };
};

/**
 * The root key that `options` name; nothing is asked before the first call. Errors of the calls: see {@link RootKey};
 * here: `invalid-field` for options that cannot be. Keep the id, not an alias: an alias can be moved to another key.
 */
export const createKeyProtectRootKey = (options: KeyProtectOptions): RootKey => {
  const link = connectKeyProtect(options);
  const bound: Bound = { client: link.client, crk: link.crk, aad: options.aad ?? true, name: link.name };
  return {
    name: link.name,
    generate: (bytes, uid) => (bytes === generatedBytes ? generateThere(bound, uid) : generateHere(bound, bytes, uid)),
    wrap: (material, uid) => wrapMaterial(bound, material, uid),
    unwrap: (wrapped, uid) => unwrapMaterial(bound, wrapped, uid),
    status: () => statusOf(bound),
    close: () => link.close(),
  };
};
