// Query (KMIP 1.4 section 4.25): what this server can do, as far as the request's version can say it.

import {
  DestroyAction,
  ObjectType,
  Operation,
  QueryFunction,
  RNGAlgorithm,
  RNGMode,
  ShreddingAlgorithm,
  UnwrapMode,
} from '../kmip/enums.ts';
import { ProtectionStorageMask } from '../kmip/masks.ts';
import { payloads, type ResponsePayload } from '../kmip/payloads/table.ts';
import { ProfileName } from '../kmip/profile-names.ts';
import { existsIn } from '../kmip/since.ts';
import { V2_0, type Version } from '../kmip/version.ts';
import type { Handler } from './handler.ts';

type Part = Partial<ResponsePayload<'Query'>>;

const vendor = 'kmip-edge';

const operations = (version: Version): Part => ({
  Operation: (Object.keys(payloads) as (keyof typeof payloads)[])
    .map((name) => Operation[name])
    .filter((operation) => existsIn('Operation', operation, version))
    .toSorted((one, other) => one - other),
});

/** What clients may register or have made. */
const objectTypes: readonly ObjectType[] = [
  ObjectType.Certificate,
  ObjectType.SymmetricKey,
  ObjectType.PublicKey,
  ObjectType.PrivateKey,
  ObjectType.SplitKey,
  ObjectType.Template,
  ObjectType.SecretData,
  ObjectType.OpaqueObject,
  ObjectType.PGPKey,
];

/** KMIP 2.0 has no templates any more. */
const isWithdrawn = (type: ObjectType, version: Version): boolean => type === ObjectType.Template && version >= V2_0;

/** The profiles whose test cases pass here, as their names begin; the names end with the version that they are of. */
const profiles = [
  'BaselineServerBasic',
  'TapeLibraryServer',
  'SymmetricKeyLifecycleServer',
  'SymmetricKeyFoundryServer',
  'AsymmetricKeyLifecycleServer',
  'OpaqueManagedObjectStoreServer',
  'StorageArrayWithSelfEncryptingDriveServer',
  'HTTPSServer',
  'XMLServer',
  'JSONServer',
];

/** KMIP 2.x names a profile for all versions and says the version beside it (KMIP 2.1 sections 7.31 and 11.41). */
const laterProfiles = (version: Version): Part => ({
  ProfileInformation: Object.entries(ProfileName).flatMap(([name, number]) =>
    profiles.includes(name)
      ? [{ ProfileName: number, ProfileVersion: { ProfileVersionMajor: 2, ProfileVersionMinor: version % 100 } }]
      : [],
  ),
});

const profilesIn = (version: Version): Part => ({
  ProfileInformation: Object.entries(ProfileName).flatMap(([name, number]) => {
    const [, begin = '', major, minor] = /^(.+)KMIPV(\d)_(\d)$/.exec(name) ?? [];
    const known = profiles.includes(begin) && Number(major) * 100 + Number(minor) <= version;
    return known ? [{ ProfileName: number }] : [];
  }),
});

/** What each function answers; one that is not here, or newer than the request, answers nothing. */
const parts: Readonly<Record<number, (version: Version) => Part>> = {
  [QueryFunction.QueryOperations]: operations,
  [QueryFunction.QueryObjects]: (version) => ({
    ObjectType: objectTypes.filter((type) => existsIn('ObjectType', type, version) && !isWithdrawn(type, version)),
  }),
  [QueryFunction.QueryServerInformation]: () => ({ VendorIdentification: vendor }),
  [QueryFunction.QueryProfiles]: (version) => (version >= V2_0 ? laterProfiles : profilesIn)(version),
  [QueryFunction.QueryStorageProtectionMasks]: () => ({
    ProtectionStorageMasks: { ProtectionStorageMask: [ProtectionStorageMask.Software] },
  }),
  [QueryFunction.QueryRNGs]: () => ({ RNGParameters: [{ RNGAlgorithm: RNGAlgorithm.Unspecified }] }),
  [QueryFunction.QueryCapabilities]: () => ({
    CapabilityInformation: [
      {
        StreamingCapability: false,
        AsynchronousCapability: false,
        AttestationCapability: false,
        BatchUndoCapability: true,
        BatchContinueCapability: true,
        UnwrapMode: UnwrapMode.Processed,
        DestroyAction: DestroyAction.KeyMaterialDeleted,
        ShreddingAlgorithm: ShreddingAlgorithm.Unspecified,
        RNGMode: RNGMode.SharedInstantiation,
      },
    ],
  }),
};

/** One part for each function asked for, however often it is asked for. */
export const query: Handler<'Query'> = ({ version }, { QueryFunction: functions }) => {
  const known = [...new Set(functions)].filter((one) => existsIn('QueryFunction', one, version));
  const none: ResponsePayload<'Query'> = {
    Operation: [],
    ObjectType: [],
    ApplicationNamespace: [],
    ExtensionInformation: [],
    AttestationType: [],
    RNGParameters: [],
    ProfileInformation: [],
    ValidationInformation: [],
    CapabilityInformation: [],
    ClientRegistrationMethod: [],
  };
  return Object.assign(none, ...known.map((one) => parts[one]?.(version))) as ResponsePayload<'Query'>;
};
