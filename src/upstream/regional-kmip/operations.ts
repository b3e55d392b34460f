// The nine operations that the endpoint offers, as exchanges: what is asked, and what an answer must be to count. The
// identifier in an answer has to be the one asked for, because a mixed-up answer must never become another key's.

import type { KeyObject } from 'node:crypto';
import type { EndpointKey, EndpointObject } from '../../keys/upstream-ports.ts';
import { attribute, customAttribute } from '../../kmip/attributes.ts';
import { type CryptographicAlgorithm, ObjectType, type RevocationReasonCode } from '../../kmip/enums.ts';
import { ItemType } from '../../kmip/item.ts';
import { Tag } from '../../kmip/tags.ts';
import type { Attribute } from '../../kmip/template-attribute.ts';
import { isVersion, supportedVersions, toVersion, V1_3, V1_4, type Version, versionParts } from '../../kmip/version.ts';
import { describedObject } from './described.ts';
import { type Exchange, exchangeOf, unbelievable } from './exchange.ts';
import { keyOf } from './key-material.ts';

/** The attribute by which a Create whose answer was lost is found again. */
export const markerName = 'x-kmip-edge-request';

/** A key to create. `attributes` are those beside the three that have fields: Name, groups, custom ones. */
export interface Revocation {
  readonly code: number;
  readonly message?: string | undefined;
  /** Whole seconds since 1970. */
  readonly compromiseOccurrenceDate?: number | undefined;
}

/** Identifiers are opaque, but not endless, empty or unprintable. */
const checkedIdentifier = (uid: string): string => {
  if (/^[^\p{C}\p{Z}]{1,255}$/u.test(uid)) return uid;
  throw unbelievable(`an identifier of ${uid.length} characters that nobody could print`);
};

const same = (asked: string, { UniqueIdentifier: found }: { readonly UniqueIdentifier: string }): void => {
  if (found !== asked) throw unbelievable('an answer about another object');
};

const named = (attributes: readonly Attribute[]) => ({ Name: [], Attribute: attributes });

/** The attribute that marks a Create. */
export const markerAttribute = (marker: string): Attribute =>
  customAttribute(markerName, { tag: Tag.AttributeValue, type: ItemType.TextString, value: marker });

const templateOf = (key: EndpointKey, marker: string): readonly Attribute[] => [
  // the endpoint says no to a number that is not in the enumeration
  attribute('Cryptographic Algorithm', key.cryptographicAlgorithm as CryptographicAlgorithm),
  attribute('Cryptographic Length', key.cryptographicLength),
  attribute('Cryptographic Usage Mask', key.cryptographicUsageMask),
  ...key.attributes,
  markerAttribute(marker),
];

export const createKey = (key: EndpointKey, marker: string): Exchange<string> =>
  exchangeOf({
    operation: 'Create',
    alone: true,
    request: () => ({ ObjectType: ObjectType.SymmetricKey, TemplateAttribute: named(templateOf(key, marker)) }),
    check: (payload) => {
      if (payload.ObjectType !== ObjectType.SymmetricKey) throw unbelievable('another type of object than asked for');
      return checkedIdentifier(payload.UniqueIdentifier);
    },
  });

export const getKey = (uid: string): Exchange<KeyObject> =>
  exchangeOf({
    operation: 'Get',
    alone: false,
    request: () => ({ UniqueIdentifier: uid }),
    check: (payload) => {
      const key = keyOf(payload); // first, because it wipes the bytes in the answer
      same(uid, payload);
      return key;
    },
  });

export const getAttributes = (uid: string): Exchange<EndpointObject> =>
  exchangeOf({
    operation: 'GetAttributes',
    alone: false,
    request: () => ({ UniqueIdentifier: uid, AttributeName: [] }),
    check: (payload, version) => {
      same(uid, payload);
      return describedObject(uid, payload.Attribute, version);
    },
  });

/** One page of Locate. `total` is there where the endpoint tells it. */
export interface Page {
  readonly uids: readonly string[];
  readonly total: number | undefined;
  /** Whether the endpoint can be asked for a further page: Offset Items came with KMIP 1.3. */
  readonly more: boolean;
}

export const locatePage = (attributes: readonly Attribute[], size: number, offset: number): Exchange<Page> =>
  exchangeOf({
    operation: 'Locate',
    alone: false,
    request: () => ({
      MaximumItems: size,
      ...(offset > 0 && { OffsetItems: offset }),
      Attribute: attributes,
    }),
    check: ({ UniqueIdentifier: uids, LocatedItems: total }, version) => ({
      uids: uids.map(checkedIdentifier),
      total,
      more: version >= V1_3,
    }),
  });

/** The index that the attribute got. */
export const addAttribute = (uid: string, added: Attribute): Exchange<number> =>
  exchangeOf({
    operation: 'AddAttribute',
    alone: true,
    request: () => ({ UniqueIdentifier: uid, Attribute: added }),
    check: (payload) => {
      same(uid, payload);
      if (payload.Attribute.AttributeName !== added.AttributeName) throw unbelievable('another attribute');
      return payload.Attribute.AttributeIndex ?? 0;
    },
  });

export const activateKey = (uid: string): Exchange<void> =>
  exchangeOf({
    operation: 'Activate',
    alone: true,
    request: () => ({ UniqueIdentifier: uid }),
    check: (payload) => same(uid, payload),
  });

export const revokeKey = (uid: string, { code, message, compromiseOccurrenceDate }: Revocation): Exchange<void> =>
  exchangeOf({
    operation: 'Revoke',
    alone: true,
    request: () => ({
      UniqueIdentifier: uid,
      RevocationReason: { RevocationReasonCode: code as RevocationReasonCode, RevocationMessage: message },
      CompromiseOccurrenceDate: compromiseOccurrenceDate,
    }),
    check: (payload) => same(uid, payload),
  });

export const destroyKey = (uid: string): Exchange<void> =>
  exchangeOf({
    operation: 'Destroy',
    alone: true,
    request: () => ({ UniqueIdentifier: uid }),
    check: (payload) => same(uid, payload),
  });

/** What is said to an endpoint, the highest first: the messages of KMIP 2 have another form, and none asks for them. */
export const versionsToEndpoints: readonly Version[] = supportedVersions.filter((version) => version <= V1_4);

/** The versions that the endpoint and we both speak, the highest first. */
export const discoverVersions: Exchange<readonly Version[]> = exchangeOf({
  operation: 'DiscoverVersions',
  alone: false,
  request: () => ({ ProtocolVersion: versionsToEndpoints.map(versionParts) }),
  check: ({ ProtocolVersion: offered }) => {
    const versions = new Set(offered.filter(isVersion).map(toVersion));
    return versionsToEndpoints.filter((version) => versions.has(version));
  },
});
