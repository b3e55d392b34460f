// One HTTPS exchange with a bound on time and on size. Certificates are always verified; redirects are not followed; a
// connection is given up after a minute, so that a new DNS answer (fail-over of a private endpoint) is soon honoured.

import type { Agent } from 'undici';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Largest answer body to accept, in bytes. */
  readonly maxBytes: number;
  /** Milliseconds for the whole exchange. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

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
  readonly caBundle?: string;
  readonly connectMs: number;
  readonly connectionLifeMs: number;
}

const largestAnswer = 4 * 1024 * 1024;

interface Link {
  readonly undici: typeof import('undici');
  readonly agent: Agent;
}

const readBody = async ({ undici }: Link, body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw new undici.errors.ResponseExceededMaxSizeError(); // leaving the loop destroys the stream
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
};

const exchange = async (link: Link, wanted: HttpRequest): Promise<HttpAnswer> => {
  const deadline = AbortSignal.timeout(wanted.timeoutMs);
  const { statusCode, headers, body } = await link.undici.request(wanted.url, {
    dispatcher: link.agent,
    method: wanted.method,
    headers: wanted.headers,
    body: wanted.body ?? null,
    signal: wanted.signal === undefined ? deadline : AbortSignal.any([deadline, wanted.signal]),
  });
  const retryAfter = headers['retry-after'];
  return {
    status: statusCode,
    retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
    body: await readBody(link, body, wanted.maxBytes),
  };
};

/** undici is loaded here, so that a server without this kind of upstream does without its memory. */
const openLink = async (options: HttpOptions): Promise<Link> => {
  const undici = await import('undici');
  const agent = new undici.Agent({
    allowH2: false,
    connections: 16,
    pipelining: 1,
    keepAliveTimeout: 10_000,
    keepAliveMaxTimeout: 30_000,
    clientTtl: options.connectionLifeMs,
    maxResponseSize: largestAnswer,
    connect: { timeout: options.connectMs, ...(options.caBundle === undefined ? {} : { ca: options.caBundle }) },
  });
  return { undici, agent };
};

/** Connections of its own, kept alive for a few seconds of idleness and replaced when they are old. */
export const createHttp = (options: HttpOptions): Http => {
  let link: Promise<Link> | undefined;
  const opened = (): Promise<Link> => (link ??= openLink(options));
  return {
    send: async (wanted) => exchange(await opened(), wanted),
    close: async () => (await opened()).agent.destroy(),
  };
};
