// Ping (KMIP 2.1 section 6.1.37).

import { struct } from '../schema.ts';

export const PingRequest = struct({});

export const PingResponse = struct({});
