// Decrypt (KMIP 1.4 section 4.30).

import { CryptographicParameters } from '../attribute-values.ts';
import { boolean, bytes } from '../codec.ts';
import { Identifier } from '../identifier.ts';
import { one, optional, since, struct } from '../schema.ts';
import { V1_3, V1_4 } from '../version.ts';

export const DecryptRequest = struct({
  UniqueIdentifier: optional(Identifier),
  CryptographicParameters: optional(CryptographicParameters),
  Data: optional(bytes),
  IVCounterNonce: optional(bytes),
  CorrelationValue: optional(bytes, since(V1_3)),
  InitIndicator: optional(boolean, since(V1_3)),
  FinalIndicator: optional(boolean, since(V1_3)),
  AuthenticatedEncryptionAdditionalData: optional(bytes, since(V1_4)),
  AuthenticatedEncryptionTag: optional(bytes, since(V1_4)),
});

export const DecryptResponse = struct({
  UniqueIdentifier: one(Identifier),
  Data: optional(bytes),
  CorrelationValue: optional(bytes, since(V1_3)),
});
