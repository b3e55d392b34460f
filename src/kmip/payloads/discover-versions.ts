// Discover Versions (KMIP 1.4 section 4.26), both lists with the preferred version first. Since KMIP 1.1, but a client
// may ask in a message of any version.

import { ProtocolVersion } from '../header.ts';
import { many, struct } from '../schema.ts';

export const DiscoverVersionsRequest = struct({ ProtocolVersion: many(ProtocolVersion) });

export const DiscoverVersionsResponse = struct({ ProtocolVersion: many(ProtocolVersion) });
