// Signed requests to an S3 service (AWS Signature Version 4, path style), tried again where that may help. The address,
// the size of an answer and the time that nothing happens are bounded.

import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import type { Clock } from '../../clock.ts';
import { EdgeError } from '../../errors.ts';
import type { S3Credentials } from './credentials.ts';
import { textOf } from './xml.ts';

export interface S3Options {
  /** https://HOST or https://HOST:PORT. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly credentials: S3Credentials;
  /** PEM; absent: the public authorities. */
  readonly authorities?: string | undefined;
  readonly clock: Clock;
  readonly timings: S3Timings;
  /** Ends what is under way. */
  readonly signal?: AbortSignal | undefined;
}

export interface S3Timings {
  /** Milliseconds in which nothing is sent or heard. */
  readonly quietMs: number;
  /** How often a failed request is tried again. */
  readonly retries: number;
  /** First pause between attempts, milliseconds; it doubles, with jitter. */
  readonly backoffMs: number;
}

export const defaultS3Timings: S3Timings = { quietMs: 30_000, retries: 4, backoffMs: 500 };

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Below the bucket: empty for the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface S3Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const maximumAnswer = 4 * 1024 * 1024;

/** A failure that another attempt may mend. */
class Passing extends EdgeError {}

/** Asks an S3 service. */
export class S3Requests {
  readonly #options: S3Options;
  readonly #agent: Agent;

  constructor(options: S3Options) {
    this.#options = options;
    const { authorities: ca } = options;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 4, ...(ca === undefined ? {} : { ca }) });
  }

  /**
   * The answer, if it is one of success or one of `expected`. Throws `upstream-unreachable` where there is none that says
   * anything, `upstream-refused` for a refusal, `storage-full` where the bucket takes no more.
   */
  ask(wanted: S3Request, expected: readonly number[] = []): Promise<S3Answer> {
    const { retries, backoffMs } = this.#options.timings;
    const policy = retry(
      handleWhen((error) => error instanceof Passing),
      { maxAttempts: retries, backoff: new ExponentialBackoff({ initialDelay: backoffMs, maxDelay: 64 * backoffMs }) },
    );
    return policy.execute(async () => this.#judge(await this.#once(wanted), expected), this.#options.signal);
  }

  close(): void {
    this.#agent.destroy();
  }

  #judge(answer: S3Answer, expected: readonly number[]): S3Answer {
    const { status, body } = answer;
    // Some failures come after the answer has begun with 200.
    const code = textOf(body, 'Code');
    const isFailure = /<Error[\s>]/.test(body.slice(0, 1024));
    if (expected.includes(status) || (status >= 200 && status < 300 && !isFailure)) return answer;
    const said = `${this.#peer} answered ${status}${code === undefined ? '' : ` ${code.slice(0, 60)}`}`;
    if (status >= 500 || status === 429 || status === 408 || (status < 300 && isFailure) || code === 'SlowDown') {
      throw new Passing('upstream-unreachable', said);
    }
    throw new EdgeError('upstream-refused', said, { hint: hintOf(status, code) });
  }

  get #peer(): string {
    return new URL(this.#options.endpoint).host;
  }

  async #once({ method, key = '', query = {}, headers = {}, body }: S3Request): Promise<S3Answer> {
    const { endpoint, region, bucket, credentials, clock } = this.#options;
    const { hostname, port } = new URL(endpoint);
    // Loaded at the first use: who makes no backups to a bucket needs no memory for it.
    const { default: aws4 } = await import('aws4');
    const search = new URLSearchParams(query).toString().replaceAll('+', '%20');
    const signed = aws4.sign(
      {
        service: 's3',
        region,
        method,
        path: `/${bucket}${key === '' ? '' : `/${key}`}${search === '' ? '' : `?${search}`}`,
        headers: {
          ...headers,
          Host: port === '' ? hostname : `${hostname}:${port}`,
          'X-Amz-Date': new Date(clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, ''),
          'X-Amz-Content-Sha256': createHash('sha256')
            .update(body ?? '')
            .digest('hex'),
          'Content-Length': String(body?.length ?? 0),
        },
      },
      { accessKeyId: credentials.keyId, secretAccessKey: credentials.secret.reveal() },
    );
    const options = {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? 443 : Number(port),
      method,
      path: signed.path ?? '/',
      headers: Object.fromEntries(Object.entries(signed.headers ?? {}).map(([name, value]) => [name, String(value)])),
    };
    return this.#exchange(options, body);
  }

  #exchange(options: object, body: Buffer | undefined): Promise<S3Answer> {
    const { timings, signal } = this.#options;
    const { quietMs } = timings;
    const limits = { timeout: quietMs, minVersion: 'TLSv1.2', ...(signal ? { signal } : {}) } as const;
    return new Promise((resolve, reject) => {
      const fail = (problem: string, cause?: unknown): void =>
        reject(new Passing('upstream-unreachable', `${this.#peer}: ${problem}`, { cause }));
      const sending = request({ ...options, agent: this.#agent, ...limits }, (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (size > maximumAnswer) answer.destroy(new Error(`an answer of more than ${maximumAnswer} bytes`));
        });
        answer.on('error', (error) => fail(error.message, error));
        answer.on('end', () => {
          const { statusCode: status = 0, headers } = answer;
          resolve({ status, headers, body: Buffer.concat(chunks).toString() });
        });
      });
      sending.on('timeout', () => sending.destroy(new Error(`nothing was heard for ${quietMs / 1000} s`)));
      sending.on('error', (error) => fail(error.message, error));
      sending.end(body);
    });
  }
}

const hintOf = (status: number, code: string | undefined): string => {
  if (code === 'RequestTimeTooSkewed') return 'the clock of the appliance is wrong: look at its time service';
  if (status === 403) return 'check the HMAC credentials, and whether they may read, write and delete in the bucket';
  if (status === 404) return 'check the name of the bucket and the address of the S3 service';
  return 'check the settings backup.destination and backup.s3Endpoint';
};
