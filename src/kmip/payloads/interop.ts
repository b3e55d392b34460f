// Interop (KMIP 2.1 section 6.1.28): a test says where it begins and ends.

import { enumeration, text } from '../codec.ts';
import { InteropFunction } from '../enums.ts';
import { one, struct } from '../schema.ts';

export const InteropRequest = struct({
  InteropFunction: one(enumeration(InteropFunction)),
  InteropIdentifier: one(text),
});

export const InteropResponse = struct({});
