// Requests as the tables of refusals write them: short, and each with one thing wrong.

import { attribute, customAttribute } from '../../src/kmip/attributes.ts';
import { CryptographicAlgorithm, KeyFormatType, ObjectType } from '../../src/kmip/enums.ts';
import { ItemType } from '../../src/kmip/item.ts';
import type { KeyBlock } from '../../src/kmip/key-block.ts';
import type { OutgoingRequestItem } from '../../src/kmip/message.ts';
import type { RequestPayload } from '../../src/kmip/payloads/table.ts';
import { Tag } from '../../src/kmip/tags.ts';
import type { Attribute } from '../../src/kmip/template-attribute.ts';
import { aesKey, item, templateOf, usage } from './exchange.ts';

/** One request that has to fail; `version` is 1.4 unless given. */
export type Row = readonly [
  what: string,
  request: () => OutgoingRequestItem,
  reason: string,
  text: RegExp,
  version?: number,
];

export const text = (value: string) => ({ tag: Tag.AttributeValue, type: ItemType.TextString, value }) as const;
export const custom = (name: string, value: string): Attribute => customAttribute(name, text(value));
export const aes = attribute('Cryptographic Algorithm', 3);
export const mask = attribute('Cryptographic Usage Mask', usage);
export const length = (bits: number): Attribute => attribute('Cryptographic Length', bits);

export const creating = (...given: readonly Attribute[]): OutgoingRequestItem =>
  item('Create', { ObjectType: ObjectType.SymmetricKey, TemplateAttribute: templateOf(...given) });
/** An RSA pair that signs; takes a while. */
export const makingPair = (bits: number): OutgoingRequestItem =>
  item('CreateKeyPair', {
    CommonTemplateAttribute: templateOf(
      attribute('Cryptographic Algorithm', CryptographicAlgorithm.RSA),
      attribute('Cryptographic Length', bits),
    ),
    PrivateKeyTemplateAttribute: templateOf(attribute('Cryptographic Usage Mask', 1)),
    PublicKeyTemplateAttribute: templateOf(attribute('Cryptographic Usage Mask', 2)),
  });
export const creatingType = (type: number): OutgoingRequestItem =>
  item('Create', { ...aesKey(), ObjectType: type as ObjectType });

const block: KeyBlock = {
  KeyFormatType: KeyFormatType.Raw,
  KeyValue: { KeyMaterial: Buffer.alloc(32, 1), Attribute: [] },
  CryptographicAlgorithm: 3,
  CryptographicLength: 256,
};
export const registering = (
  changes: Partial<RequestPayload<'Register'>>,
  ...given: readonly Attribute[]
): OutgoingRequestItem =>
  item('Register', {
    ObjectType: ObjectType.SymmetricKey,
    TemplateAttribute: templateOf(mask, ...given),
    SymmetricKey: { KeyBlock: block },
    ...changes,
  });
export const registeringBlock = (changes: Partial<KeyBlock>, ...given: readonly Attribute[]): OutgoingRequestItem =>
  registering({ SymmetricKey: { KeyBlock: { ...block, ...changes } } }, ...given);

export const getting = (uid: string, changes: Partial<RequestPayload<'Get'>> = {}): OutgoingRequestItem =>
  item('Get', { UniqueIdentifier: uid, ...changes });
export const adding = (uid: string, given: Attribute): OutgoingRequestItem =>
  item('AddAttribute', { UniqueIdentifier: uid, Attribute: given });
export const locating = (...given: readonly Attribute[]): OutgoingRequestItem => item('Locate', { Attribute: given });
export const revoking = (uid: string, code: number, occurred?: number): OutgoingRequestItem =>
  item('Revoke', {
    UniqueIdentifier: uid,
    RevocationReason: { RevocationReasonCode: code as 1 },
    CompromiseOccurrenceDate: occurred,
  });
export const inBytes = (operation: number, ...inside: readonly Buffer[]): OutgoingRequestItem => {
  const head = Buffer.from('4200790100000000', 'hex');
  head.writeUInt32BE(Buffer.concat(inside).length, 4);
  return { Operation: operation, RequestPayload: Buffer.concat([head, ...inside]) };
};
