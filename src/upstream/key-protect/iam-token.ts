// A bearer token of IBM Cloud IAM for an API key: shared by all callers, renewed in the background at 80 % of its life,
// and kept in use as long as it lives when IAM is away. A failure of IAM never says anything about a root key.
// Protocol: ibm-cloud-docs/iam, iam-apikey_iamtoken.md; lifetimes come from `expires_in` alone, as IBM may change them.

import { randomUUID } from 'node:crypto';
import type { Cancel, Clock } from '../../clock.ts';
import { EdgeError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Secret } from '../../secret.ts';
import { classifyNetworkError, type Failure, type Outcome } from './errors.ts';
import type { Http, HttpAnswer } from './http.ts';
import { quote } from './quote.ts';
import { readShape } from './shapes.ts';

export interface IamTokenOptions {
  /** Base URL of IAM, such as https://iam.cloud.ibm.com. */
  readonly iamUrl: string;
  readonly apiKey: Secret;
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds for one request. */
  readonly attemptMs: number;
}

export interface IamToken {
  /** A token that is valid as far as we know. Concurrent callers share one request. Failures: upstream-unreachable. */
  get(): Promise<Outcome<string>>;
  /** Key Protect refused this token: the next call asks IAM, and falls back to the token only if IAM is away. */
  invalidate(token: string): void;
  close(): void;
}

interface Held {
  readonly text: string;
  /** Monotonic milliseconds. */
  readonly endsAt: number;
  readonly lifeMs: number;
  readonly suspect: boolean;
}

const grantType = 'urn:ibm:params:oauth:grant-type:apikey';
const renewAfter = 0.8;
const longestMargin = 10_000;
const longestPause = 30_000;
const maxBytes = 64 * 1024;

const hints: Readonly<Record<string, string>> = {
  BXNIM0415E: 'check the API key: it was deleted, or is mistyped; a new one may take a minute to be known',
  BXNIM0400E: 'the identity provider of the account refused: check the API key and its owner',
  BXNIM0407E: 'check the API key',
  BXNIM0439E: 'the session of the API key has ended: make a new API key',
};

const failed = (answer: HttpAnswer, code: string | undefined, text: string, requestId: string): Failure => {
  const retry = answer.status === 429 || answer.status >= 500;
  const known = code !== undefined && Object.hasOwn(hints, code) ? hints[code] : undefined;
  const said = text === '' ? 'no text' : `"${text}"`;
  const codeText = code === undefined ? '' : ` ${code}`;
  const message = `iam answered ${answer.status}${codeText} to the token request: ${said} (correlation id ${requestId})`;
  const hint =
    known ??
    (retry ? 'iam is failing: see its status page' : 'check the iam url, the API key and any proxy on the way');
  return {
    class: retry ? 'unreachable' : 'auth',
    status: answer.status,
    ...(code === undefined ? {} : { code }),
    retry,
    error: new EdgeError('upstream-unreachable', message, { hint }),
  };
};

const readFailure = (answer: HttpAnswer, apiKey: string, requestId: string): Failure => {
  const error = readShape('iamError', answer.body);
  if (error === undefined) {
    const text = answer.status === 200 ? 'not a token' : 'a body that is not of iam';
    return failed(answer, undefined, text, requestId);
  }
  return failed(answer, error.errorCode, quote(error.errorMessage ?? '', [apiKey]), requestId);
};

const ask = async (options: IamTokenOptions): Promise<Outcome<{ text: string; lifeMs: number }>> => {
  const requestId = randomUUID();
  const apiKey = options.apiKey.reveal();
  try {
    const answer = await options.http.send({
      method: 'POST',
      url: `${options.iamUrl}/identity/token`,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        'transaction-id': requestId,
      },
      body: new URLSearchParams({ grant_type: grantType, apikey: apiKey }).toString(),
      maxBytes,
      timeoutMs: options.attemptMs,
    });
    const token = answer.status === 200 ? readShape('token', answer.body) : undefined;
    answer.body.fill(0, 0, token === undefined ? 0 : undefined);
    if (token === undefined) return { ok: false, failure: readFailure(answer, apiKey, requestId) };
    return { ok: true, value: { text: token.access_token, lifeMs: token.expires_in * 1000 } };
  } catch (error) {
    const peer = `iam at ${new URL(options.iamUrl).host}`;
    return { ok: false, failure: classifyNetworkError(peer, requestId, error) };
  }
};

/** Renewal starts with the first token and ends with `close`. The API key appears in no error and no log line. */
export const createIamToken = (options: IamTokenOptions): IamToken => {
  const { clock, log } = options;
  let held: Held | undefined;
  let underway: Promise<Outcome<string>> | undefined;
  let cancelTimer: Cancel = () => {};
  let closed = false;

  const valid = (): Held | undefined => (held !== undefined && clock.monotonic() < held.endsAt ? held : undefined);

  const renewIn = (ms: number): void => {
    cancelTimer();
    if (!closed) cancelTimer = clock.after(ms, () => void renew());
  };

  const keep = (text: string, lifeMs: number, askedAt: number): void => {
    const margin = Math.min(longestMargin, lifeMs * 0.1);
    held = { text, lifeMs, endsAt: askedAt + lifeMs - margin, suspect: false };
    renewIn(Math.max(0, askedAt + lifeMs * renewAfter - clock.monotonic()));
  };

  const fetchToken = async (): Promise<Outcome<string>> => {
    const askedAt = clock.monotonic();
    const answer = await ask(options);
    if (answer.ok) {
      keep(answer.value.text, answer.value.lifeMs, askedAt);
      return { ok: true, value: answer.value.text };
    }
    const { error } = answer.failure;
    log.warn('iam token not renewed', { error: error.message, hint: error.hint, stillValid: valid() !== undefined });
    return answer;
  };

  const shared = (): Promise<Outcome<string>> => {
    underway ??= fetchToken().finally(() => {
      underway = undefined;
    });
    return underway;
  };

  const renew = async (): Promise<void> => {
    const outcome = await shared();
    const old = valid();
    if (!outcome.ok && old !== undefined) renewIn(Math.min(longestPause, old.lifeMs * 0.02));
  };

  return {
    get: async () => {
      const now = valid();
      if (now !== undefined && !now.suspect) return { ok: true, value: now.text };
      const outcome = await shared();
      const old = valid();
      return outcome.ok || old === undefined ? outcome : { ok: true, value: old.text };
    },
    invalidate: (token) => {
      if (held?.text === token) held = { ...held, suspect: true };
    },
    close: () => {
      closed = true;
      cancelTimer();
      held = undefined;
    },
  };
};
