// The translator of this edge: what went wrong becomes an HTTP status and a problem document. An error that is not one of
// ours is logged whole under an identifier, and nothing but that identifier is told.

import { randomUUID } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { EdgeError, type ErrorKind, errorKinds, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Problem } from './api/table.ts';

/** RFC 9457. */
export const problemType = 'application/problem+json; charset=utf-8';

/** A refusal that says when to come back. */
export class TooManyAttempts extends EdgeError {
  /** Seconds, at least 1. */
  readonly retryAfter: number;

  /** `wait` in milliseconds. */
  constructor(message: string, wait: number) {
    const seconds = Math.max(1, Math.ceil(wait / 1000));
    super('too-many-attempts', message, { hint: `try again in ${seconds} s` });
    this.name = 'TooManyAttempts';
    this.retryAfter = seconds;
  }
}

export interface Refusal {
  readonly status: number;
  readonly problem: Problem & { readonly kind: ErrorKind };
  /** Seconds. */
  readonly retryAfter?: number;
}

/** How `error` looks from outside. */
export const refusalOf = (error: unknown, log: Log): Refusal => {
  if (error instanceof EdgeError && errorKinds[error.kind].shown) {
    const { kind, message, hint } = error;
    const problem = hint === undefined ? { kind, message } : { kind, message, hint };
    const { http: status } = errorKinds[kind];
    return error instanceof TooManyAttempts ? { status, problem, retryAfter: error.retryAfter } : { status, problem };
  }
  if (!(error instanceof EdgeError) && isClientError(error)) return clientRefusal(error);
  const id = randomUUID();
  log.error('management request failed', {
    id,
    problem: messageOf(error),
    stack: error instanceof Error ? error.stack : undefined,
  });
  return {
    status: errorKinds.internal.http,
    problem: { kind: 'internal', message: `internal error ${id}`, hint: 'the log has the details' },
  };
};

/** Sends it. */
export const sendRefusal = (reply: FastifyReply, { status, problem, retryAfter }: Refusal): FastifyReply => {
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  return reply.code(status).type(problemType).send(problem);
};

type ClientError = Error & { readonly statusCode: number; readonly validation?: unknown };

/** The server library's own refusals: a body that is too large, no JSON, or not as the schema says. */
const isClientError = (error: unknown): error is ClientError =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode < 500;

/** What does not fit a schema is a field; everything else (too large, another media type) is the message. */
export const clientRefusal = (error: Error & { readonly statusCode?: number }): Refusal =>
  (error.statusCode ?? 400) === 400
    ? { status: 400, problem: { kind: 'invalid-field', message: error.message } }
    : { status: error.statusCode ?? 400, problem: { kind: 'invalid-message', message: error.message } };
