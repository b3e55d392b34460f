// MAC Verify (KMIP 1.4 section 4.34).

import { CryptographicParameters } from '../attribute-values.ts';
import { boolean, bytes, enumeration } from '../codec.ts';
import { ValidityIndicator } from '../enums.ts';
import { Identifier } from '../identifier.ts';
import { one, optional, since, struct } from '../schema.ts';
import { V1_3 } from '../version.ts';

export const MACVerifyRequest = struct({
  UniqueIdentifier: optional(Identifier),
  CryptographicParameters: optional(CryptographicParameters),
  Data: optional(bytes),
  MACData: optional(bytes),
  CorrelationValue: optional(bytes, since(V1_3)),
  InitIndicator: optional(boolean, since(V1_3)),
  FinalIndicator: optional(boolean, since(V1_3)),
});

export const MACVerifyResponse = struct({
  UniqueIdentifier: one(Identifier),
  ValidityIndicator: one(enumeration(ValidityIndicator)),
  CorrelationValue: optional(bytes, since(V1_3)),
});
