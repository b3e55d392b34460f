// KMIP protocol versions (KMIP 1.4 section 6.1) as one number each, major * 100 + minor, so that "since" is a comparison.

/** A protocol version: major * 100 + minor. */
export type Version = number;

/** The versions that the standard has published. */
export const V1_0 = 100;
export const V1_1 = 101;
export const V1_2 = 102;
export const V1_3 = 103;
export const V1_4 = 104;
export const V2_0 = 200;
export const V2_1 = 201;

/** What this server speaks, newest first: the order in which Discover Versions lists them (KMIP 1.4 section 4.26). */
export const supportedVersions: readonly Version[] = [V2_1, V2_0, V1_4, V1_3, V1_2, V1_1, V1_0];

/** The parts of a version as Protocol Version carries them. */
export interface VersionParts {
  readonly ProtocolVersionMajor: number;
  readonly ProtocolVersionMinor: number;
}

/** True when both parts fit the one number; the standard has never come near the limit. */
export const isVersion = ({ ProtocolVersionMajor: major, ProtocolVersionMinor: minor }: VersionParts): boolean =>
  major >= 0 && major < 10_000 && minor >= 0 && minor < 100;

export const toVersion = (parts: VersionParts): Version =>
  parts.ProtocolVersionMajor * 100 + parts.ProtocolVersionMinor;

export const versionParts = (version: Version): VersionParts => ({
  ProtocolVersionMajor: Math.floor(version / 100),
  ProtocolVersionMinor: version % 100,
});

/** As people write it: "1.4". */
export const versionText = (version: Version): string => `${Math.floor(version / 100)}.${version % 100}`;

export const isSupported = (version: Version): boolean => supportedVersions.includes(version);
