// The standard's attributes (KMIP 1.4 section 3): the name on the wire, what the value is, since when, and the "attribute
// rules" of each. Rules that depend on an object's state or type are not here: the key service has them.

import {
  AlternativeName,
  ApplicationSpecificInformation,
  CertificateIdentifier,
  CertificateIssuer,
  CertificateSubject,
  CryptographicDomainParameters,
  CryptographicParameters,
  Digest,
  KeyValueLocation,
  Link,
  Name,
  RevocationReason,
  RNGParameters,
  UsageLimits,
  X509CertificateIdentifier,
  X509CertificateIssuer,
  X509CertificateSubject,
} from './attribute-values.ts';
import {
  boolean,
  bytes,
  type Codec,
  dateTime,
  enumeration,
  integer,
  interval,
  openEnumeration,
  text,
} from './codec.ts';
import {
  CertificateType,
  CryptographicAlgorithm,
  DigitalSignatureAlgorithm,
  KeyFormatType,
  NISTKeyType,
  ObjectType,
  ProtectionLevel,
  State,
} from './enums.ts';
import type { TagName } from './tags.ts';
import { V1_0, V1_1, V1_2, V1_3, V1_4, V2_0, V2_1, type Version } from './version.ts';

/** Who may do something to an attribute. */
export type Party = 'nobody' | 'server' | 'client' | 'either';

export interface AttributeRules {
  /** Who sets it first. */
  readonly setBy: Party;
  /** Who changes a value that is there. */
  readonly modifiedBy: Party;
  readonly deletableByClient: boolean;
  /** Whether an object may have several instances. */
  readonly multiple: boolean;
  readonly since: Version;
  /** The first version that does not have it any more. */
  readonly until?: Version;
}

export interface AttributeRow<T> extends AttributeRules {
  /** The attribute's own tag, which KMIP 2.x uses in place of the name. */
  readonly tag: TagName;
  readonly value: Codec<T>;
}

/** Set by the server and never changed, unless `rules` say otherwise. */
const row = <T>(tag: TagName, value: Codec<T>, rules: Partial<AttributeRules> = {}): AttributeRow<T> => ({
  tag,
  value,
  setBy: 'server',
  modifiedBy: 'nobody',
  deletableByClient: false,
  multiple: false,
  since: V1_0,
  ...rules,
});

const serverKeeps = { modifiedBy: 'server' } as const;
const eitherSets = { setBy: 'either', modifiedBy: 'server' } as const;
const eitherChanges = { setBy: 'either', modifiedBy: 'either' } as const;
const free = { setBy: 'either', modifiedBy: 'either', deletableByClient: true } as const;
const clientOwns = { setBy: 'client', modifiedBy: 'client', deletableByClient: true, multiple: true } as const;

/** What KMIP 2.x takes out of the names in a certificate (KMIP 2.1 section 4.6). */
export const certificateParts = [
  'CN',
  'O',
  'OU',
  'Email',
  'C',
  'ST',
  'L',
  'UID',
  'Serial Number',
  'Title',
  'DC',
  'DN Qualifier',
] as const;
export type CertificatePart = `Certificate ${'Subject' | 'Issuer'} ${(typeof certificateParts)[number]}`;

const partRows = Object.fromEntries(
  (['Subject', 'Issuer'] as const).flatMap((side) =>
    certificateParts.map((part) => {
      const tag = `Certificate${side}${part.replace(' ', '')}` as TagName;
      return [`Certificate ${side} ${part}`, row(tag, text, { multiple: true, since: V2_0 })];
    }),
  ),
) as { readonly [N in CertificatePart]: AttributeRow<string> };

/** Every attribute of KMIP 1.4 and those of 2.x that this server has, by its name on the wire of 1.x. */
export const attributes = {
  'Unique Identifier': row('UniqueIdentifier', text),
  Name: row('Name', Name, { ...clientOwns, modifiedBy: 'either' }),
  'Object Type': row('ObjectType', enumeration(ObjectType)),
  'Cryptographic Algorithm': row('CryptographicAlgorithm', enumeration(CryptographicAlgorithm)),
  'Cryptographic Length': row('CryptographicLength', integer),
  'Cryptographic Parameters': row('CryptographicParameters', CryptographicParameters, clientOwns),
  'Cryptographic Domain Parameters': row('CryptographicDomainParameters', CryptographicDomainParameters, {
    setBy: 'client',
  }),
  'Certificate Type': row('CertificateType', enumeration(CertificateType)),
  'Certificate Length': row('CertificateLength', integer, { since: V1_1 }),
  'X.509 Certificate Identifier': row('X_509CertificateIdentifier', X509CertificateIdentifier, { since: V1_1 }),
  'X.509 Certificate Subject': row('X_509CertificateSubject', X509CertificateSubject, { since: V1_1 }),
  'X.509 Certificate Issuer': row('X_509CertificateIssuer', X509CertificateIssuer, { since: V1_1 }),
  'Certificate Identifier': row('CertificateIdentifier', CertificateIdentifier, { until: V2_0 }),
  'Certificate Subject': row('CertificateSubject', CertificateSubject, { until: V2_0 }),
  'Certificate Issuer': row('CertificateIssuer', CertificateIssuer, { until: V2_0 }),
  // several instances for PGP keys only
  'Digital Signature Algorithm': row('DigitalSignatureAlgorithm', enumeration(DigitalSignatureAlgorithm), {
    multiple: true,
    since: V1_1,
  }),
  Digest: row('Digest', Digest, { multiple: true }),
  'Operation Policy Name': row('OperationPolicyName', text, { ...eitherSets, until: V2_0 }),
  'Cryptographic Usage Mask': row('CryptographicUsageMask', integer, eitherSets),
  'Lease Time': row('LeaseTime', interval, serverKeeps),
  'Usage Limits': row('UsageLimits', UsageLimits, free),
  State: row('State', enumeration(State), serverKeeps),
  'Initial Date': row('InitialDate', dateTime),
  'Activation Date': row('ActivationDate', dateTime, eitherChanges),
  'Process Start Date': row('ProcessStartDate', dateTime, eitherChanges),
  'Protect Stop Date': row('ProtectStopDate', dateTime, eitherChanges),
  'Deactivation Date': row('DeactivationDate', dateTime, eitherChanges),
  'Destroy Date': row('DestroyDate', dateTime),
  'Compromise Occurrence Date': row('CompromiseOccurrenceDate', dateTime),
  'Compromise Date': row('CompromiseDate', dateTime),
  'Revocation Reason': row('RevocationReason', RevocationReason, serverKeeps),
  'Archive Date': row('ArchiveDate', dateTime),
  'Object Group': row('ObjectGroup', text, { ...free, multiple: true }),
  Fresh: row('Fresh', boolean, { ...eitherSets, since: V1_1 }),
  Link: row('Link', Link, { ...free, multiple: true }),
  'Application Specific Information': row('ApplicationSpecificInformation', ApplicationSpecificInformation, {
    ...free,
    multiple: true,
  }),
  'Contact Information': row('ContactInformation', text, free),
  'Last Change Date': row('LastChangeDate', dateTime, serverKeeps),
  'Alternative Name': row('AlternativeName', AlternativeName, { ...clientOwns, modifiedBy: 'either', since: V1_2 }),
  'Key Value Present': row('KeyValuePresent', boolean, { since: V1_2 }),
  'Key Value Location': row('KeyValueLocation', KeyValueLocation, { ...clientOwns, since: V1_2 }),
  'Original Creation Date': row('OriginalCreationDate', dateTime, { setBy: 'either', since: V1_2 }),
  'Random Number Generator': row('RandomNumberGenerator', RNGParameters, { setBy: 'either', since: V1_3 }),
  'PKCS#12 Friendly Name': row('PKCS_12FriendlyName', text, { ...free, modifiedBy: 'client', since: V1_4 }),
  Description: row('Description', text, { ...free, since: V1_4 }),
  Comment: row('Comment', text, { ...free, since: V1_4 }),
  Sensitive: row('Sensitive', boolean, { ...eitherChanges, since: V1_4 }),
  'Always Sensitive': row('AlwaysSensitive', boolean, { ...serverKeeps, since: V1_4 }),
  Extractable: row('Extractable', boolean, { ...eitherChanges, since: V1_4 }),
  'Never Extractable': row('NeverExtractable', boolean, { ...serverKeeps, since: V1_4 }),
  'Key Format Type': row('KeyFormatType', enumeration(KeyFormatType), { since: V2_0 }),
  'NIST Key Type': row('NISTKeyType', enumeration(NISTKeyType), { ...free, multiple: true, since: V2_0 }),
  'Opaque Data Type': row('OpaqueDataType', openEnumeration, { since: V2_0 }),
  'Protection Level': row('ProtectionLevel', enumeration(ProtectionLevel), { ...free, since: V2_0 }),
  'Protection Period': row('ProtectionPeriod', interval, { ...free, since: V2_0 }),
  'Protection Storage Mask': row('ProtectionStorageMask', integer, { since: V2_0 }),
  'Quantum Safe': row('QuantumSafe', boolean, { ...free, since: V2_0 }),
  'Short Unique Identifier': row('ShortUniqueIdentifier', bytes, { since: V2_0 }),
  'Rotate Interval': row('RotateInterval', interval, { ...free, since: V2_1 }),
  'Rotate Offset': row('RotateOffset', interval, { ...free, since: V2_1 }),
  ...partRows,
} as const;

/** Section 3.39: what the rules are for names of the client's (x-) and the server's (y-) own. */
export const clientCustomRules: AttributeRules = {
  setBy: 'client',
  modifiedBy: 'client',
  deletableByClient: true,
  multiple: true,
  since: V1_0,
};
export const serverCustomRules: AttributeRules = {
  setBy: 'server',
  modifiedBy: 'server',
  deletableByClient: false,
  multiple: true,
  since: V1_0,
};
