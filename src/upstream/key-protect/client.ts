// The calls of Key Protect's REST API v2 that we make, each safe to repeat: a wrap done twice only makes another valid
// wrapped key. Paths, media types and roles: key-protect docs, wrap-keys.md, view-keys.md, manage-access.md; the
// service role Reader is enough for all of them. Answers leave here validated; failures are values, not exceptions.

import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { Action } from './answer-rows.ts';
import { classifyAnswer, classifyNetworkError, type Exchange, malformedAnswer, type Outcome } from './errors.ts';
import { createGuard, type Timings } from './guard.ts';
import { type Http, type HttpAnswer, maximumConnections } from './http.ts';
import type { IamToken } from './iam-token.ts';
import { createShapeReader, type KeyResource, type Shape } from './shapes.ts';

interface CallRow {
  readonly method: 'GET' | 'POST';
  readonly mediaType: string;
  readonly maxBytes: number;
  /** Asked past the queue, and even while the breaker is open. */
  readonly probe: boolean;
}

const keyAction = 'application/vnd.ibm.kms.key_action+json';
const small = 256 * 1024;
const call = (method: 'GET' | 'POST', mediaType: string, maxBytes = small, probe = false): CallRow => ({
  method,
  mediaType,
  maxBytes,
  probe,
});

const calls = {
  wrap: call('POST', keyAction),
  unwrap: call('POST', keyAction),
  rewrap: call('POST', keyAction),
  metadata: call('GET', 'application/vnd.ibm.kms.key+json', small, true),
  list: call('GET', 'application/vnd.ibm.collection+json', 4 * 1024 * 1024),
} as const satisfies { readonly [A in Action]: CallRow };

/** Keys on one page, and the most we read: an instance with more root keys is no use in a hint. */
const pageSize = 200;
const maxPages = 25;

export interface KeyProtectClientOptions {
  /** Base URL without trailing slash. */
  readonly url: string;
  readonly instanceId: string;
  readonly keyRing?: string;
  readonly token: IamToken;
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
  readonly timings: Timings;
}

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
}

/** Milliseconds that a Retry-After header (seconds, or an HTTP date) asks for. */
export const retryAfterMs = (header: string | undefined, now: number): number | undefined => {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
};

type Send = <A extends Action>(action: A, path: string, body?: object) => Promise<Outcome<Shape<A>>>;

/** One exchange with one token; the answer is validated, and its bytes are wiped, as they may hold a key. */
const createExchange = (options: KeyProtectClientOptions) => {
  const read = createShapeReader();
  const peer = `key protect at ${new URL(options.url).host}`;

  const ask = (
    action: Action,
    path: string,
    body: string | undefined,
    id: string,
    token: string,
    signal: AbortSignal,
  ) =>
    options.http.send({
      method: calls[action].method,
      url: `${options.url}/api/v2${path}`,
      headers: {
        authorization: `Bearer ${token}`,
        'bluemix-instance': options.instanceId,
        'correlation-id': id,
        accept: calls[action].mediaType,
        ...(body === undefined ? {} : { 'content-type': calls[action].mediaType }),
        ...(options.keyRing === undefined ? {} : { 'x-kms-key-ring': options.keyRing }),
      },
      ...(body === undefined ? {} : { body }),
      maxBytes: calls[action].maxBytes,
      timeoutMs: options.timings.attemptMs,
      signal,
    });

  const judge = <A extends Action>(action: A, exchange: Exchange, answer: HttpAnswer): Outcome<Shape<A>> => {
    if (answer.status === 200) {
      const value = read(action, answer.body);
      return value === undefined
        ? { ok: false, failure: malformedAnswer(exchange, 'the body is not what key protect answers') }
        : { ok: true, value };
    }
    const pause = retryAfterMs(answer.retryAfter, options.clock.now());
    const bad = { status: answer.status, body: answer.body, ...(pause === undefined ? {} : { retryAfterMs: pause }) };
    return { ok: false, failure: classifyAnswer(read, exchange, bad) };
  };

  return async <A extends Action>(
    action: A,
    path: string,
    body: string | undefined,
    token: string,
    signal: AbortSignal,
  ): Promise<Outcome<Shape<A>>> => {
    const exchange: Exchange = { action, correlationId: randomUUID(), secrets: [token] };
    try {
      const answer = await ask(action, path, body, exchange.correlationId, token, signal);
      const outcome = judge(action, exchange, answer);
      answer.body.fill(0);
      return outcome;
    } catch (error) {
      return { ok: false, failure: classifyNetworkError(peer, exchange.correlationId, error) };
    }
  };
};

/** Adds the token, one fresh token after a refusal, retries, the queue and the breaker. */
const createSend = (options: KeyProtectClientOptions): Send => {
  const exchange = createExchange(options);
  const peer = `key protect at ${new URL(options.url).host}`;
  const guard = createGuard({ ...options, peer, concurrency: maximumConnections });

  const attempt = async <A extends Action>(action: A, path: string, body: string | undefined, signal: AbortSignal) => {
    const token = await options.token.get();
    if (!token.ok) return token;
    const first = await exchange(action, path, body, token.value, signal);
    if (first.ok || first.failure.staleToken !== true) return first;
    options.token.invalidate(token.value);
    const fresh = await options.token.get();
    if (!fresh.ok || fresh.value === token.value) return first;
    return exchange(action, path, body, fresh.value, signal);
  };

  return (action, path, body) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return guard.run((signal) => attempt(action, path, text, signal), calls[action].probe);
  };
};

const metadataOf = async (send: Send, key: string): Promise<Outcome<KeyResource>> => {
  const outcome = await send('metadata', `/keys/${encodeURIComponent(key)}/metadata`);
  if (!outcome.ok) return outcome;
  const [resource] = outcome.value.resources;
  if (resource !== undefined && (resource.id === key || resource.aliases?.includes(key) === true)) {
    return { ok: true, value: resource };
  }
  const exchange = { action: 'metadata', correlationId: 'not known', secrets: [] } as const;
  return { ok: false, failure: malformedAnswer(exchange, 'about another key than was asked for') };
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
  };
};
