// Discover Versions (KMIP 1.4 section 4.26): the first thing that vCenter asks on every connection.

import { supportedVersions, toVersion, versionParts } from '../kmip/version.ts';
import type { Handler } from './handler.ts';

/** What both sides speak, our preference first; everything that we speak where the client names nothing. */
export const discoverVersions: Handler<'DiscoverVersions'> = (_context, { ProtocolVersion: offered }) => {
  const versions = new Set(offered.map(toVersion));
  const common = offered.length === 0 ? supportedVersions : supportedVersions.filter((one) => versions.has(one));
  return { ProtocolVersion: common.map(versionParts) };
};
