// A key whole, for people to read: what the numbers stand for, and attributes of whatever type. Never its bytes.

import { ObjectType, RevocationReasonCode } from '../kmip/enums.ts';
import { CryptographicUsageMask, maskNames } from '../kmip/masks.ts';
import { enumName } from '../kmip/since.ts';
import { writeJson } from '../kmip/text/json.ts';
import { decodeItem } from '../kmip/ttlv.ts';
import { keptText } from './attributes.ts';
import type { KeptAttribute, ManagedObject } from './object.ts';

/** What a summary leaves out, by KMIP's names. */
export interface KeyDisplay {
  readonly objectType: string;
  readonly usage: string[];
  readonly revocation?: { readonly reason: string; readonly message?: string };
  readonly attributes: readonly { readonly name: string; readonly index: number; readonly value: string }[];
}

export const displayObject = (object: ManagedObject, kept: readonly KeptAttribute[]): KeyDisplay => ({
  objectType: enumName(ObjectType, object.objectType),
  usage: [...maskNames(CryptographicUsageMask, object.cryptographicUsageMask)],
  ...(object.revocationReason && { revocation: displayReason(object.revocationReason) }),
  attributes: kept.map((one) => ({ name: one.name, index: one.index, value: displayAttribute(one) })),
});

const displayReason = ({ code, message }: NonNullable<ManagedObject['revocationReason']>) => ({
  reason: enumName(RevocationReasonCode, code),
  ...(message === undefined ? {} : { message }),
});

/** Its text, or its value in the words of KMIP's JSON: of a structure each field with its name. */
const displayAttribute = (kept: KeptAttribute): string =>
  keptText(kept) ?? displayValue((JSON.parse(writeJson(decodeItem(kept.value))) as JsonItem).value);

interface JsonItem {
  readonly tag: string;
  readonly value: readonly JsonItem[] | string | number | boolean | null;
}

const displayValue = (value: JsonItem['value']): string =>
  Array.isArray(value)
    ? (value as readonly JsonItem[]).map((field) => `${field.tag} ${displayValue(field.value)}`).join(', ')
    : String(value);
