// What went wrong, as the server said it: what, and what to do about it.

import type { Problem } from '../api/table.ts';

export class ProblemError extends Error {
  readonly kind: string;
  readonly hint: string | undefined;
  /** Of HTTP; 0 where there was no answer. */
  readonly status: number;

  constructor({ kind, message, hint }: Problem, status: number) {
    super(message);
    this.name = 'ProblemError';
    this.kind = kind;
    this.hint = hint;
    this.status = status;
  }
}

/** Anything that was thrown, as a problem. */
export const problemOf = (error: unknown): ProblemError =>
  error instanceof ProblemError
    ? error
    : new ProblemError({ kind: 'internal', message: error instanceof Error ? error.message : String(error) }, 0);

/** The message of anything that was thrown. */
export const messageOf = (error: unknown): string => problemOf(error).message;
