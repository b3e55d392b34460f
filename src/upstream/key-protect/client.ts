// What we ask of Key Protect's REST API v2 about keys, each call safe to repeat: a wrap done twice only makes another
// valid wrapped key. Paths and roles: key-protect docs, wrap-keys.md, view-keys.md, manage-access.md; the service role
// Reader is enough for all of them. KMIP adapters are in kmip-client.ts.

import type { Action } from './answer-rows.ts';
import { malformedAnswer, type Outcome } from './errors.ts';
import { createKmipClient, type KmipClient } from './kmip-client.ts';
import { createSend, type KeyProtectClientOptions, type Send } from './send.ts';
import type { KeyResource, Shape } from './shapes.ts';

/** Keys on one page, and the most we read: an instance with more root keys is no use in a hint. */
const pageSize = 200;
const maxPages = 25;

export interface WrapRequest {
  /** Base64; left out, Key Protect makes 32 random bytes and returns them. */
  readonly plaintext?: string;
  /** Strings of at most 255 characters, which unwrap must be given again. */
  readonly aad?: readonly string[];
}

export interface UnwrapRequest {
  readonly ciphertext: string;
  readonly aad?: readonly string[];
}

/** `key` is the id or an alias of a root key. No method throws; a failure holds the error to throw. */
export interface KeyProtectClient {
  wrap(key: string, request: WrapRequest): Promise<Outcome<Shape<'wrap'>>>;
  unwrap(key: string, request: UnwrapRequest): Promise<Outcome<Shape<'unwrap'>>>;
  rewrap(key: string, request: UnwrapRequest): Promise<Outcome<Shape<'rewrap'>>>;
  metadata(key: string): Promise<Outcome<KeyResource>>;
  /** Root keys (not extractable) in any of `states`, numbers of Key Protect; at most 5000. */
  listRootKeys(states: readonly number[]): Promise<Outcome<readonly KeyResource[]>>;
  /** What needs the role Manager or KmipAdapterManager. */
  readonly kmip: KmipClient;
}

const metadataOf = async (send: Send, key: string): Promise<Outcome<KeyResource>> => {
  const outcome = await send('metadata', `/keys/${encodeURIComponent(key)}/metadata`);
  if (!outcome.ok) return outcome;
  const [resource] = outcome.value.resources;
  if (resource !== undefined && (resource.id === key || resource.aliases?.includes(key) === true)) {
    return { ok: true, value: resource };
  }
  const exchange = { action: 'metadata', correlationId: 'not known', secrets: [] } as const;
  return { ok: false, failure: malformedAnswer(exchange, 200, 'it is about another key than was asked for') };
};

const listOf = async (send: Send, states: readonly number[]): Promise<Outcome<readonly KeyResource[]>> => {
  const found: KeyResource[] = [];
  for (let page = 0; page < maxPages; page++) {
    const query = new URLSearchParams({
      limit: String(pageSize),
      offset: String(page * pageSize),
      extractable: 'false',
      state: states.join(','),
    });
    const outcome = await send('list', `/keys?${query.toString()}`);
    if (!outcome.ok) return outcome;
    const keys = outcome.value.resources ?? [];
    found.push(...keys.filter((key) => !key.extractable));
    if (keys.length < pageSize) break;
  }
  return { ok: true, value: found };
};

/** A client of one instance. Its breaker is shared by all calls. */
export const createKeyProtectClient = (options: KeyProtectClientOptions): KeyProtectClient => {
  const send = createSend(options);
  const actionPath = (key: string, action: Action): string => `/keys/${encodeURIComponent(key)}/actions/${action}`;
  return {
    wrap: (key, request) => send('wrap', actionPath(key, 'wrap'), request),
    unwrap: (key, request) => send('unwrap', actionPath(key, 'unwrap'), request),
    rewrap: (key, request) => send('rewrap', actionPath(key, 'rewrap'), request),
    metadata: (key) => metadataOf(send, key),
    listRootKeys: (states) => listOf(send, states),
    kmip: createKmipClient(send),
  };
};
