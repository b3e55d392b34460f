// Log (KMIP 2.1 section 6.1.31).

import { text } from '../codec.ts';
import { one, struct } from '../schema.ts';

export const LogRequest = struct({ LogMessage: one(text) });

export const LogResponse = struct({});
