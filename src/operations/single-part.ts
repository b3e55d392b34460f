// Cryptographic operations are done in one part (KMIP 1.4 section 4.29): data in several, which a server would have to
// remember between requests, are refused.

import { EdgeError } from '../errors.ts';

interface Parts {
  readonly Data?: Buffer | undefined;
  readonly CorrelationValue?: Buffer | undefined;
  readonly InitIndicator?: boolean | undefined;
  readonly FinalIndicator?: boolean | undefined;
}

/** The data of a request in one part. Throws `feature-not-supported` and `missing-data`. */
export const dataOf = (request: Parts): Buffer => {
  requireSinglePart(request);
  if (request.Data === undefined) throw new EdgeError('missing-data', 'there are no data');
  return request.Data;
};

/** Throws `feature-not-supported` for a part of several. Beginning and ending at once is one part. */
export const requireSinglePart = (request: Parts): void => {
  const { CorrelationValue: value, InitIndicator: init = false, FinalIndicator: final = false } = request;
  if (value === undefined && init === final) return;
  throw new EdgeError('feature-not-supported', 'data in several parts are not taken');
};
