// Hash (KMIP 1.4 section 4.37).

import { CryptographicParameters } from '../attribute-values.ts';
import { boolean, bytes } from '../codec.ts';
import { one, optional, since, struct } from '../schema.ts';
import { V1_3 } from '../version.ts';

export const HashRequest = struct({
  CryptographicParameters: one(CryptographicParameters),
  Data: optional(bytes),
  CorrelationValue: optional(bytes, since(V1_3)),
  InitIndicator: optional(boolean, since(V1_3)),
  FinalIndicator: optional(boolean, since(V1_3)),
});

export const HashResponse = struct({
  Data: optional(bytes),
  CorrelationValue: optional(bytes, since(V1_3)),
});
