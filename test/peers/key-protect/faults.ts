// Faults on demand, one table of kinds: what goes wrong between an answer and the wire.

import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './answers.ts';
import type { Route } from './routes.ts';

export type Fault =
  /** The right answer, late. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** No answer, ever. */
  | { readonly kind: 'hang' }
  /** The connection is cut before a byte of the answer. */
  | { readonly kind: 'cut-before' }
  /** What was asked for is done, and the connection is cut before a byte of the answer. */
  | { readonly kind: 'cut-after' }
  /** The connection is cut in the middle of the right answer's body. */
  | { readonly kind: 'cut-body' }
  /** Status 200 (or another) and random bytes. */
  | { readonly kind: 'garbage'; readonly status?: number }
  /** A web page, as a proxy or captive portal sends it. */
  | { readonly kind: 'html'; readonly status?: number }
  /** A body of so many bytes of JSON. */
  | { readonly kind: 'oversized'; readonly bytes: number }
  /** Another answer, verbatim. Strings and Buffers are sent as they are. */
  | ({ readonly kind: 'answer' } & Answer);

export interface FaultScope {
  /** One route, or `all` of Key Protect (not IAM's `token`). Default `all`. */
  readonly on?: Route | 'all';
  /** How many requests it strikes. Default: until it is cleared. */
  readonly times?: number;
}

export interface Faults {
  /** Returns the way to take this fault back. */
  add(fault: Fault, scope?: FaultScope): () => void;
  clear(): void;
  /** The fault that strikes a request on `route` now, if any; the newest first. */
  next(route: Route): Fault | undefined;
}

export const createFaults = (): Faults => {
  let active: { fault: Fault; on: Route | 'all'; left: number }[] = [];
  return {
    add: (fault, scope = {}) => {
      const entry = { fault, on: scope.on ?? 'all', left: scope.times ?? Number.POSITIVE_INFINITY };
      active = [entry, ...active];
      return () => {
        active = active.filter((other) => other !== entry);
      };
    },
    clear: () => {
      active = [];
    },
    next: (route) => {
      const entry = active.find(({ on, left }) => left > 0 && (on === route || (on === 'all' && route !== 'token')));
      if (entry === undefined) return undefined;
      entry.left -= 1;
      return entry.fault;
    },
  };
};

const bytesOf = ({ body }: Answer): Buffer => {
  if (body === undefined) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
};

/** Writes the answer as it should be. */
export const sendAnswer = (answer: Answer, response: ServerResponse): void => {
  const bytes = bytesOf(answer);
  response.writeHead(answer.status, {
    'content-type': answer.type ?? 'application/json',
    'content-length': bytes.length,
    ...answer.headers,
  });
  response.end(bytes);
};

const cutBody = (answer: Answer, response: ServerResponse): void => {
  const bytes = bytesOf(answer);
  response.writeHead(answer.status, { 'content-type': 'application/json', 'content-length': bytes.length + 10 });
  response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => response.destroy());
};

const page =
  '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in to the network</body></html>';

/** Answers with the fault. `answer` gives the right answer; it is not asked for where the request would not arrive. */
export const sendFault = async (fault: Fault, answer: () => Answer, response: ServerResponse): Promise<void> => {
  switch (fault.kind) {
    case 'slow':
      await sleep(fault.ms, undefined, { ref: false });
      return sendAnswer(answer(), response);
    case 'hang':
      return undefined;
    case 'cut-before':
      return void response.destroy();
    case 'cut-after':
      answer();
      return void response.destroy();
    case 'cut-body':
      return cutBody(answer(), response);
    case 'garbage':
      return sendAnswer({ status: fault.status ?? 200, body: randomBytes(333) }, response);
    case 'html':
      return sendAnswer({ status: fault.status ?? 200, type: 'text/html', body: page }, response);
    case 'oversized':
      return sendAnswer({ status: 200, body: { plaintext: 'A'.repeat(fault.bytes) } }, response);
    case 'answer':
      return sendAnswer(fault, response);
  }
};
