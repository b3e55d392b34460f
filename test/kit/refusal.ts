// The error that something must end with.

import type { ExecutionContext } from 'ava';
import { EdgeError, type ErrorKind } from '../../src/errors.ts';

/** The EdgeError that `promise` ends with; the test fails for anything else. */
export const refusalOf = async (
  t: ExecutionContext,
  promise: Promise<unknown>,
  kind?: ErrorKind,
): Promise<EdgeError> => {
  const error = await t.throwsAsync(promise, { instanceOf: EdgeError });
  if (kind !== undefined) t.is(error.kind, kind, error.message);
  return error;
};

/** The text that a request was refused with; the test fails where it was not. */
export const refusal = async (t: ExecutionContext, promise: Promise<unknown>): Promise<string> =>
  (await refusalOf(t, promise)).message;
