// Sign (KMIP 1.4 section 4.31).

import { CryptographicParameters } from '../attribute-values.ts';
import { boolean, bytes } from '../codec.ts';
import { Identifier } from '../identifier.ts';
import { one, optional, since, struct } from '../schema.ts';
import { V1_3, V1_4 } from '../version.ts';

export const SignRequest = struct({
  UniqueIdentifier: optional(Identifier),
  CryptographicParameters: optional(CryptographicParameters),
  Data: optional(bytes),
  DigestedData: optional(bytes, since(V1_4)),
  CorrelationValue: optional(bytes, since(V1_3)),
  InitIndicator: optional(boolean, since(V1_3)),
  FinalIndicator: optional(boolean, since(V1_3)),
});

export const SignResponse = struct({
  UniqueIdentifier: one(Identifier),
  SignatureData: optional(bytes),
  CorrelationValue: optional(bytes, since(V1_3)),
});
