// Answers of Key Protect that are not a success, and failures below HTTP, as values that hold the error to throw. What
// an answer means is the table in answer-rows.ts.

import { EdgeError } from '../../errors.ts';
import { RootKeyUnusable } from '../../keys/root-key-ports.ts';
import {
  type Action,
  answerRows,
  type FailureClass,
  failureClasses,
  lastRow,
  type Row,
  type Seen,
} from './answer-rows.ts';
import { explainNetworkError } from './network-errors.ts';
import { quote } from './quote.ts';
import { readShape } from './shapes.ts';

export interface Failure {
  readonly class: FailureClass;
  /** HTTP status, when there was an answer. */
  readonly status?: number;
  /** Key Protect's or IAM's code, when there was one. */
  readonly code?: string;
  /** Whether another try soon may help. */
  readonly retry: boolean;
  readonly retryAfterMs?: number;
  /** The bearer token may have ended: fetch a new one, once. */
  readonly staleToken?: boolean;
  readonly error: EdgeError;
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

/** The value, or the failure's error thrown. */
export const valueOrThrow = <T>(outcome: Outcome<T>): T => {
  if (outcome.ok) return outcome.value;
  throw outcome.failure.error;
};

/** One exchange, as much as error texts need of it. */
export interface Exchange {
  readonly action: Action;
  readonly correlationId: string;
  /** Texts that must not appear in a message. */
  readonly secrets: readonly string[];
}

export interface BadAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly retryAfterMs?: number;
}

/** Reads the body as an error envelope. One whose own status contradicts the HTTP status is not believed. */
const look = (action: Action, answer: BadAnswer): Seen => {
  const { status } = answer;
  const resource = readShape('error', answer.body)?.resources[0];
  const reason = resource?.reasons?.[0];
  if (resource === undefined || (reason?.status !== undefined && reason.status !== status)) {
    const text = answer.body.subarray(0, 2048).toString('utf8');
    return { status, action, envelope: false, code: undefined, text, target: undefined };
  }
  const text = [resource.errorMsg, reason?.message].filter((part) => part !== undefined).join(': ');
  return { status, action, envelope: true, code: reason?.code, text, target: reason?.target?.name };
};

const textOf = (seen: Seen, secrets: readonly string[]): string => {
  if (/^\s*<(!doctype|html)/i.test(seen.text)) return 'a web page';
  const text = quote(seen.text, secrets);
  return text === '' ? 'an empty body' : `"${text}"`;
};

const errorOf = (row: Row, message: string): EdgeError =>
  failureClasses[row.class] === 'root-key-unusable'
    ? new RootKeyUnusable(message, row.state, { hint: row.hint })
    : new EdgeError(failureClasses[row.class], message, { hint: row.hint });

/** The meaning of an answer whose status is not one of success. */
export const classifyAnswer = (exchange: Exchange, answer: BadAnswer): Failure => {
  const seen = look(exchange.action, answer);
  const row = answerRows.find(({ fits }) => fits(seen)) ?? lastRow;
  const code = seen.code === undefined ? '' : ` ${seen.code}`;
  const text = textOf(seen, exchange.secrets);
  const message = `key protect answered ${seen.status}${code} to ${exchange.action}: ${text} (correlation id ${exchange.correlationId})`;
  return {
    class: row.class,
    status: seen.status,
    ...(seen.code === undefined ? {} : { code: seen.code }),
    retry: row.retry ?? false,
    ...(answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }),
    staleToken: row.staleToken ?? false,
    error: errorOf(row, message),
  };
};

/** An answer with a status of success (`status`) that is not what Key Protect answers. */
export const malformedAnswer = (exchange: Exchange, status: number, why: string): Failure => ({
  class: 'unreachable',
  status,
  retry: false,
  error: new EdgeError(
    'upstream-unreachable',
    `key protect answered ${status} to ${exchange.action}, but ${why} (correlation id ${exchange.correlationId})`,
    { hint: lastRow.hint },
  ),
});

/** A failure below HTTP. `peer` names who was asked and where. */
export const classifyNetworkError = (peer: string, correlationId: string, error: unknown): Failure => {
  const { says, hint, retry, detail } = explainNetworkError(error);
  const message = `${peer} cannot be reached: ${says} (${quote(detail)}; correlation id ${correlationId})`;
  return {
    class: 'unreachable',
    retry,
    error: new EdgeError('upstream-unreachable', message, { hint, cause: error }),
  };
};
