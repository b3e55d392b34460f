// What each route of the simulated Key Protect does to its keys, with the waiting times and state rules of key-states.md
// and disable-keys.md. Where no document prints the status (marked in the facts as assumed), we answer as assumed.

import { randomBytes } from 'node:crypto';
import {
  type Answer,
  badField,
  bareRefusal,
  deleted,
  envelope,
  invalidState,
  mediaType,
  notFound,
  refusal,
  tooEarly,
} from './answers.ts';
import {
  addVersion,
  describeKey,
  hour,
  type KeyVersion,
  makeKey,
  newest,
  openWith,
  partsOf,
  type SimulatedKey,
  wrapWith,
} from './keys.ts';

/** Keys by instance and id or alias. */
export interface KeyStore {
  readonly keys: Map<string, SimulatedKey>;
  readonly now: () => number;
  /** False: additional data is ignored, as an endpoint without it may do. */
  readonly aad: boolean;
}

export interface KeyRequest {
  readonly instanceId: string;
  readonly ring: string | undefined;
  /** What the path names: a key, or a KMIP adapter. */
  readonly key: string;
  /** What the path names below it: a certificate. */
  readonly part?: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

export const findKey = (store: KeyStore, request: KeyRequest): SimulatedKey | undefined => {
  for (const key of store.keys.values()) {
    const named = key.id === request.key || key.aliases.includes(request.key);
    const inRing = request.ring === undefined || request.ring === key.ring;
    if (named && key.instanceId === request.instanceId && inRing) return key;
  }
  return undefined;
};

export const field = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const aadOf = (store: KeyStore, body: unknown): readonly string[] | undefined => {
  const aad = field(body, 'aad') ?? [];
  const fits = Array.isArray(aad) && aad.every((text) => typeof text === 'string' && text.length <= 255);
  return fits ? (store.aad ? aad : []) : undefined;
};

const versionOf = ({ id }: KeyVersion): object => ({ id });
const keyAction = (body: object): Answer => ({ status: 200, type: mediaType('key_action'), body });
const unusable = (key: SimulatedKey, action: string, allowed: readonly number[]): Answer | undefined => {
  if (key.extractable) {
    return refusal(
      400,
      'KEY_ROOT_REQ_ERR',
      'Action could not be performed on key',
      'Requested action can only be completed with a root key',
    );
  }
  if (key.state === 5) return deleted(action);
  const what = `${action.charAt(0).toUpperCase()}${action.slice(1)} with key could not be performed`;
  return allowed.includes(key.state) ? undefined : invalidState(what);
};

const wrap = (store: KeyStore, key: SimulatedKey, { body }: KeyRequest): Answer => {
  const wrong = unusable(key, 'wrap', [1]);
  if (wrong !== undefined) return wrong;
  const what = 'Wrap with key could not be performed';
  const given = field(body, 'plaintext');
  const aad = aadOf(store, body);
  if (aad === undefined) return badField(what, 'aad', 'strings of at most 255 characters');
  if (given !== undefined && (typeof given !== 'string' || !base64.test(given))) {
    return badField(what, 'plaintext', 'a base64 encoded key material: illegal base64 data at input byte 38');
  }
  const plain = given === undefined || given === '' ? randomBytes(32) : Buffer.from(String(given), 'base64');
  return keyAction({
    ...(given === undefined || given === '' ? { plaintext: plain.toString('base64') } : {}),
    ciphertext: wrapWith(newest(key), plain, aad),
    keyVersion: versionOf(newest(key)),
  });
};

const opened = (store: KeyStore, key: SimulatedKey, action: 'unwrap' | 'rewrap', body: unknown) => {
  const text = field(body, 'ciphertext');
  const what = `${action === 'unwrap' ? 'Unwrap' : 'Rewrap'} with key could not be performed`;
  const aad = aadOf(store, body);
  if (aad === undefined) return { answer: badField(what, 'aad', 'strings of at most 255 characters') };
  const parts = typeof text === 'string' && base64.test(text) ? partsOf(text) : undefined;
  if (parts === undefined) {
    const message =
      'the original base64 encoded ciphertext from the wrap operation: illegal base64 data at input byte 208';
    return { answer: badField(what, 'ciphertext', message) };
  }
  const found = openWith(key, parts, aad);
  if (found !== undefined) return { found, aad };
  const message = 'The provided ciphertext is invalid or corrupted';
  return { answer: refusal(422, 'UNPROCESSABLE_CIPHERTEXT_ERR', 'Invalid ciphertext', message) };
};

const unwrap = (store: KeyStore, key: SimulatedKey, { body }: KeyRequest): Answer => {
  const wrong = unusable(key, 'unwrap', [1, 3]);
  if (wrong !== undefined) return wrong;
  const { answer, found, aad } = opened(store, key, 'unwrap', body);
  if (found === undefined) return answer;
  const renewed = found.version === newest(key) ? undefined : wrapWith(newest(key), found.plain, aad);
  return keyAction({
    plaintext: found.plain.toString('base64'),
    keyVersion: versionOf(found.version),
    ...(renewed === undefined ? {} : { ciphertext: renewed, rewrappedKeyVersion: versionOf(newest(key)) }),
  });
};

const rewrap = (store: KeyStore, key: SimulatedKey, { body }: KeyRequest): Answer => {
  const wrong = unusable(key, 'rewrap', [1, 3]);
  if (wrong !== undefined) return wrong;
  const { answer, found, aad } = opened(store, key, 'rewrap', body);
  if (found === undefined) return answer;
  return keyAction({
    ciphertext: wrapWith(newest(key), found.plain, aad),
    keyVersion: versionOf(found.version),
    rewrappedKeyVersion: versionOf(newest(key)),
  });
};

const rotate = (store: KeyStore, key: SimulatedKey, { body }: KeyRequest): Answer => {
  const what = 'Action could not be performed on key';
  const wrong = unusable(key, 'rotate', [1, 3]);
  if (wrong !== undefined) return wrong;
  const payload = field(body, 'payload');
  const target = { type: key.imported ? 'field' : 'query_param', name: 'payload' };
  if (key.imported && typeof payload !== 'string') {
    return refusal(400, 'KEY_PAYLOAD_REQ_ERR', what, "Key material is required to perform a 'rotate' action", target);
  }
  if (!key.imported && payload !== undefined) {
    return refusal(
      400,
      'INVALID_QUERY_PARAM_ERR',
      what,
      "The query_param 'payload' must be: provided only if key is imported",
      target,
    );
  }
  if (key.rotatedAt !== undefined && store.now() < key.rotatedAt + hour) {
    const message =
      "This root key has been rotated within the last hour. Only one 'rotate' action per hour is permitted";
    return refusal(409, 'KEY_ROTATION_NOT_PERMITTED', what, message);
  }
  addVersion(key, store.now(), typeof payload === 'string' ? Buffer.from(payload, 'base64') : undefined);
  return { status: 204 };
};

const waited = (store: KeyStore, key: SimulatedKey): boolean => store.now() >= key.changedAt + 30_000;

const change = (store: KeyStore, key: SimulatedKey, state: SimulatedKey['state']): void => {
  key.state = state;
  key.changedAt = store.now();
  key.deletedAt = state === 5 ? store.now() : undefined;
};

const disable = (store: KeyStore, key: SimulatedKey): Answer => {
  if (key.state === 5) return deleted('disable');
  if (key.state !== 1) return invalidState('Key is not in active state: Key could not be disabled');
  change(store, key, 2);
  return { status: 204 };
};

const enable = (store: KeyStore, key: SimulatedKey): Answer => {
  if (key.state === 5) return deleted('enable');
  if (key.state !== 2) return invalidState('Key is not in suspended state: Key could not be enabled');
  if (!waited(store, key)) return tooEarly('Key could not be enabled', 'Enable is allowed 30 seconds after disable');
  change(store, key, 1);
  return { status: 204 };
};

const remove = (store: KeyStore, key: SimulatedKey): Answer => {
  if (key.state === 5) {
    return refusal(
      410,
      'KEY_DELETED_ERR',
      'Key could not be deleted',
      'Key has already been deleted. Please delete references to this key.',
    );
  }
  change(store, key, 5);
  return { status: 204 };
};

const restore = (store: KeyStore, key: SimulatedKey): Answer => {
  const what = 'Key could not be restored';
  if (key.deletedAt === undefined) return invalidState(what);
  if (!waited(store, key)) return tooEarly(what, 'Restore is allowed 30 seconds after delete');
  if (store.now() >= key.deletedAt + 30 * 24 * hour) {
    return refusal(400, 'KEY_RESTORE_EXPIRED', what, 'The restore period of the key has expired');
  }
  change(store, key, 1);
  return { status: 201, type: mediaType('key'), body: envelope('key', [describeKey(key, store.now())]) };
};

const purge = (store: KeyStore, key: SimulatedKey): Answer => {
  const what = 'Key could not be purged';
  if (key.deletedAt === undefined) return invalidState(what);
  if (store.now() < key.deletedAt + 4 * hour) {
    return tooEarly(what, 'Purge operation is allowed 4h0m0s after key is deleted');
  }
  store.keys.delete(key.id);
  return { status: 204 };
};

const metadata = (store: KeyStore, key: SimulatedKey): Answer => ({
  status: 200,
  type: mediaType('key'),
  body: envelope('key', [describeKey(key, store.now())]),
});

const versions = (_store: KeyStore, key: SimulatedKey, { query }: KeyRequest): Answer => {
  if (key.state !== 1 && query.get('allKeyStates') !== 'true')
    return invalidState('Key versions could not be retrieved');
  const rows = key.versions
    .toReversed()
    .map(({ id, createdAt }) => ({ id, creationDate: new Date(createdAt).toISOString() }));
  return { status: 200, type: mediaType('key.version'), body: envelope('key.version', rows) };
};

export const keyActions = {
  wrap,
  unwrap,
  rewrap,
  rotate,
  disable,
  enable,
  delete: remove,
  restore,
  purge,
  metadata,
  versions,
} as const;

/** Runs one of the actions on the key that the request names. */
export const actOnKey = (store: KeyStore, action: keyof typeof keyActions, request: KeyRequest): Answer => {
  const key = findKey(store, request);
  return key === undefined ? notFound() : keyActions[action](store, key, request);
};

export const listKeys = (store: KeyStore, { instanceId, ring, query }: KeyRequest): Answer => {
  const states = (query.get('state') ?? '0,1,2,3').split(',').map(Number);
  const extractable = query.get('extractable');
  const found = [...store.keys.values()].filter(
    (key) =>
      key.instanceId === instanceId &&
      states.includes(key.state) &&
      (ring === undefined || key.ring === ring) &&
      (extractable === null || String(key.extractable) === extractable),
  );
  const offset = Number(query.get('offset') ?? 0);
  const limit = Math.min(5000, Number(query.get('limit') ?? 200));
  const page = found.slice(offset, offset + limit).map((key) => describeKey(key, store.now()));
  return {
    status: 200,
    type: mediaType('key'),
    body: envelope('key', page),
    headers: { 'key-total': String(found.length) },
  };
};

export const createKey = (store: KeyStore, { instanceId, ring, body }: KeyRequest): Answer => {
  const resources = field(body, 'resources');
  const wanted: unknown = Array.isArray(resources) && resources.length === 1 ? resources[0] : undefined;
  const name = field(wanted, 'name');
  const extractable = field(wanted, 'extractable');
  const payload = field(wanted, 'payload');
  if (typeof name !== 'string' || typeof extractable !== 'boolean') {
    return bareRefusal(400, 'Bad Request: Key could not be created. Please see reasons for more details.');
  }
  const material = typeof payload === 'string' ? { material: Buffer.from(payload, 'base64') } : {};
  const key = makeKey(
    { instanceId, name, extractable, ...(ring === undefined ? {} : { ring }), ...material },
    store.now(),
  );
  store.keys.set(key.id, key);
  return { status: 201, type: mediaType('key'), body: envelope('key', [describeKey(key, store.now())]) };
};
