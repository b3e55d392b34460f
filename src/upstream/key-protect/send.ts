// One call of Key Protect's REST API v2, whichever it is: the headers, the token, the time it may take, and whether it may
// be repeated, by one table. Paths and media types: key-protect docs, wrap-keys.md, view-keys.md and kmip.md. Answers
// leave here validated; failures are values, not exceptions.

import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { Action } from './answer-rows.ts';
import { classifyAnswer, classifyNetworkError, type Exchange, malformedAnswer, type Outcome } from './errors.ts';
import { createGuard, type Timings } from './guard.ts';
import { type Http, type HttpAnswer, maximumConnections } from './http.ts';
import type { IamToken } from './iam-token.ts';
import { kmipAdapterType, kmipCertificateType, readShape, type Shape } from './shapes.ts';

interface CallRow {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly mediaType: string;
  readonly maxBytes: number;
  /** The statuses of success. Creating answers 201; IBM's clients take any 2xx. */
  readonly success: readonly number[];
  /** Asked past the queue, and even while the breaker is open. */
  readonly probe: boolean;
  /** False: a second one could do it twice, so that the caller has to look first. */
  readonly repeat: boolean;
  /** Whether it is about the keys of a key ring; KMIP adapters are in none (kmip.md knows no such header). */
  readonly ring: boolean;
}

const small = 256 * 1024;
const large = 4 * 1024 * 1024;
const key = 'application/vnd.ibm.kms.key+json';
const keyAction = 'application/vnd.ibm.kms.key_action+json';
const onKeys = { maxBytes: small, success: [200], probe: false, repeat: true, ring: true } as const;
const onKmip = { ...onKeys, ring: false } as const;
const creating = { ...onKmip, method: 'POST', success: [200, 201], repeat: false } as const;

const calls = {
  wrap: { ...onKeys, method: 'POST', mediaType: keyAction },
  unwrap: { ...onKeys, method: 'POST', mediaType: keyAction },
  rewrap: { ...onKeys, method: 'POST', mediaType: keyAction },
  metadata: { ...onKeys, method: 'GET', mediaType: key, probe: true },
  list: { ...onKeys, method: 'GET', mediaType: 'application/vnd.ibm.collection+json', maxBytes: large },
  'list-adapters': { ...onKmip, method: 'GET', mediaType: kmipAdapterType, maxBytes: large },
  'create-adapter': { ...creating, mediaType: kmipAdapterType },
  'list-certificates': { ...onKmip, method: 'GET', mediaType: kmipCertificateType, maxBytes: large },
  'read-certificate': { ...onKmip, method: 'GET', mediaType: kmipCertificateType },
  'add-certificate': { ...creating, mediaType: kmipCertificateType },
  // that a second one finds nothing is for the caller to judge
  'delete-certificate': { ...onKmip, method: 'DELETE', mediaType: kmipCertificateType, success: [200, 204] },
} as const satisfies { readonly [A in Action]: CallRow };

export interface KeyProtectClientOptions {
  /** Base URL without trailing slash. */
  readonly url: string;
  readonly instanceId: string;
  readonly keyRing?: string | undefined;
  readonly token: IamToken;
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
  readonly timings: Timings;
}

/** Milliseconds that a Retry-After header (seconds, or an HTTP date) asks for. */
export const retryAfterMs = (header: string | undefined, now: number): number | undefined => {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
};

/** Makes one call with all its attempts. `path` is below /api/v2, with its query. Never throws. */
export type Send = <A extends Action>(action: A, path: string, body?: object) => Promise<Outcome<Shape<A>>>;

/** One exchange with one token; the answer is validated, and its bytes are wiped, as they may hold a key. */
const createExchange = (options: KeyProtectClientOptions) => {
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
        ...(options.keyRing === undefined || !calls[action].ring ? {} : { 'x-kms-key-ring': options.keyRing }),
      },
      ...(body === undefined ? {} : { body }),
      maxBytes: calls[action].maxBytes,
      timeoutMs: options.timings.attemptMs,
      signal,
    });

  const judge = <A extends Action>(action: A, exchange: Exchange, answer: HttpAnswer): Outcome<Shape<A>> => {
    const good: readonly number[] = calls[action].success;
    if (good.includes(answer.status)) {
      const value = readShape(action, answer.body);
      return value === undefined
        ? { ok: false, failure: malformedAnswer(exchange, answer.status, 'the body is not what key protect answers') }
        : { ok: true, value };
    }
    const pause = retryAfterMs(answer.retryAfter, options.clock.now());
    const bad = { status: answer.status, body: answer.body, ...(pause === undefined ? {} : { retryAfterMs: pause }) };
    return { ok: false, failure: classifyAnswer(exchange, bad) };
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

/**
 * Calls that share one breaker and one queue. To an exchange this adds the token, one fresh token after a refusal, and
 * retries.
 */
export const createSend = (options: KeyProtectClientOptions): Send => {
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
    return guard.run((signal) => attempt(action, path, text, signal), calls[action]);
  };
};
