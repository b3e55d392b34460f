// RNG Retrieve (KMIP 1.4 section 4.35).

import { randomBytes } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import type { Handler } from './handler.ts';

/** Bytes; more at once is asked for in several requests. */
const mostBytes = 64 * 1024;

/** Random bytes of the operating system. */
export const rngRetrieve: Handler<'RNGRetrieve'> = (context, { DataLength: length }) => {
  if (length < 0 || length > mostBytes) {
    throw new EdgeError('invalid-field', `0 to ${mostBytes} random bytes are given at once, not ${length}`);
  }
  const bytes = randomBytes(length);
  context.keyBytes.push(bytes);
  return { Data: bytes };
};
