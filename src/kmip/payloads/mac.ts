// MAC (KMIP 1.4 section 4.33).

import { CryptographicParameters } from '../attribute-values.ts';
import { boolean, bytes } from '../codec.ts';
import { Identifier } from '../identifier.ts';
import { one, optional, since, struct } from '../schema.ts';
import { V1_3 } from '../version.ts';

export const MACRequest = struct({
  UniqueIdentifier: optional(Identifier),
  CryptographicParameters: optional(CryptographicParameters),
  Data: optional(bytes),
  CorrelationValue: optional(bytes, since(V1_3)),
  InitIndicator: optional(boolean, since(V1_3)),
  FinalIndicator: optional(boolean, since(V1_3)),
});

export const MACResponse = struct({
  UniqueIdentifier: one(Identifier),
  MACData: optional(bytes),
  CorrelationValue: optional(bytes, since(V1_3)),
});
