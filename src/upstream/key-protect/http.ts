// One HTTPS exchange with a bound on time and on size. Certificates are always verified; redirects are not followed; a
// connection is given up after a minute, so that a new DNS answer (fail-over of a private endpoint) is soon honoured.

import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { Socket } from 'node:net';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Largest answer body to accept, in bytes. */
  readonly maxBytes: number;
  /** Milliseconds for the whole exchange. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** The proxy that the settings name; undefined where they name none. */
export const proxyOf = (url: string, except: readonly string[]): HttpProxy | undefined =>
  url === '' ? undefined : { url, except };

export interface HttpAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: Buffer;
}

/** Sends requests; throws what the network threw (see network-errors.ts), never for a status. */
export interface Http {
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Cuts what is under way. */
  close(): Promise<void>;
}

export interface HttpOptions {
  /** PEM certificates to trust instead of the system's: they must cover Key Protect and IAM. */
  readonly caBundle?: string | undefined;
  readonly connectMs: number;
  readonly connectionLifeMs: number;
  readonly proxy?: HttpProxy | undefined;
}

/** An HTTP proxy that opens a tunnel (CONNECT, RFC 9110 section 9.3.6): TLS and its certificates go through it unseen. */
export interface HttpProxy {
  /** `http://host:port`. */
  readonly url: string;
  /** Hosts that are reached without it. */
  readonly except: readonly string[];
}

/** Requests that may be under way at the same time, from a caller who keeps count; more wait for a connection. */
export const maximumConnections = 16;
/** Beside them: the poll of the root key's state, and a token where IAM has the same host. */
const spareConnections = 2;
/** Milliseconds of idleness after which a connection is closed. */
const idleMs = 10_000;

/** A failure that Node has no code for. */
class HttpFailure extends Error {
  readonly code: 'CONNECT_TIMEOUT' | 'NO_ANSWER' | 'ANSWER_TOO_LARGE' | 'CLIENT_CLOSED';

  constructor(code: HttpFailure['code']) {
    super(code);
    this.name = 'HttpFailure';
    this.code = code;
  }
}

/** Keeps a connection for another request as long as it is young. */
class YoungAgent extends Agent {
  readonly #born = new WeakMap<Socket, number>();
  readonly #lifeMs: number;

  constructor({ caBundle, connectionLifeMs, proxy }: HttpOptions) {
    super({
      keepAlive: true,
      maxSockets: maximumConnections + spareConnections,
      timeout: idleMs,
      rejectUnauthorized: true, // said aloud, or NODE_TLS_REJECT_UNAUTHORIZED in the environment would switch it off
      ...(caBundle === undefined ? {} : { ca: caBundle }),
      ...(proxy && { proxyEnv: { HTTPS_PROXY: proxy.url, NO_PROXY: proxy.except.join(',') } }),
    });
    this.#lifeMs = connectionLifeMs;
  }

  isNew(socket: Socket): void {
    this.#born.set(socket, performance.now());
  }

  /** False, and Node closes it; it also closes one that is idle until its time-out. */
  override keepSocketAlive(socket: Socket): boolean {
    const left = (this.#born.get(socket) ?? 0) + this.#lifeMs - performance.now();
    const wanted: unknown = super.keepSocketAlive(socket); // the types leave its answer out
    if (wanted === false || left < 1) return false;
    socket.setTimeout(Math.min(socket.timeout ?? idleMs, left));
    return true;
  }
}

/** A connection that cannot be made is given up long before the exchange as a whole is. */
const limitConnecting = (sent: ClientRequest, agent: YoungAgent, connectMs: number): void => {
  sent.once('socket', (socket: Socket) => {
    if (!socket.connecting) return;
    agent.isNew(socket);
    const giveUp = setTimeout(() => sent.destroy(new HttpFailure('CONNECT_TIMEOUT')), connectMs);
    socket.once('secureConnect', () => clearTimeout(giveUp)).once('close', () => clearTimeout(giveUp));
  });
};

/** The head of the answer. A request can also close without one and without an error: after a 101, for instance. */
const headOf = (sent: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    sent.once('response', resolve);
    sent.on('error', reject); // stays: once there is an answer, its stream tells what goes wrong
    sent.once('close', () => reject(new HttpFailure('NO_ANSWER')));
  });

const readBody = async (answer: IncomingMessage, maxBytes: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new HttpFailure('ANSWER_TOO_LARGE'); // leaving the loop destroys the stream
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
};

/** Rejects when `signal` does; waits for ever otherwise. */
const aborted = async (signal: AbortSignal): Promise<never> => {
  await once(signal, 'abort');
  throw signal.reason;
};

/** Connections of its own, kept alive for a few seconds of idleness and replaced when they are old. */
export const createHttp = (options: HttpOptions): Http => {
  const agent = new YoungAgent(options);
  const closing = new AbortController();

  const exchange = async ({ url, method, headers, body, maxBytes }: HttpRequest, signal: AbortSignal) => {
    const sent = request(url, { agent, method, headers, signal });
    limitConnecting(sent, agent, options.connectMs);
    sent.end(body);
    const answer = await headOf(sent);
    return {
      status: answer.statusCode ?? 0,
      retryAfter: answer.headers['retry-after'],
      body: await readBody(answer, maxBytes),
    };
  };

  return {
    async send(wanted) {
      const signals = [AbortSignal.timeout(wanted.timeoutMs), closing.signal];
      const signal = AbortSignal.any(wanted.signal === undefined ? signals : [...signals, wanted.signal]);
      try {
        signal.throwIfAborted();
        // Our own time ends it, whatever Node makes of the connection.
        return await Promise.race([exchange(wanted, signal), aborted(signal)]);
      } catch (error) {
        // What Node throws once it is cut depends on how far it was.
        throw signal.aborted ? signal.reason : error;
      }
    },
    async close() {
      closing.abort(new HttpFailure('CLIENT_CLOSED'));
      agent.destroy();
    },
  };
};
