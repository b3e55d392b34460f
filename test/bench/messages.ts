// vCenter's requests as the bench sends them (KMIP 1.1, a batch item id of eight bytes), and what counts as an answer.

import { attribute } from '../../src/kmip/attributes.ts';
import { CryptographicAlgorithm, ObjectType, Operation } from '../../src/kmip/enums.ts';
import { encodeRequest } from '../../src/kmip/message.ts';
import { requestPayload } from '../../src/kmip/payloads/table.ts';
import type { Attribute } from '../../src/kmip/template-attribute.ts';
import { V1_1 } from '../../src/kmip/version.ts';

/** Key bytes that vCenter asks for. */
export const keyLength = 32;

/** `QLKC` and a count from one, little-endian. */
const itemId = (index: number): Buffer => {
  const id = Buffer.from('514c4b4300000000', 'hex');
  id.writeUInt32LE(index + 1, 4);
  return id;
};

export const getRequest = (uid: string): Buffer => getBatch([uid]);

/** Locate by a Name. */
export const locateRequest = (name: string): Buffer => locateBy(attribute('Name', { NameValue: name, NameType: 1 }));

/** Locate by a date that no key has: no index leads to it. */
export const locateByDateRequest = (): Buffer => locateBy(attribute('Activation Date', 1));

const locateBy = (wanted: Attribute): Buffer =>
  encodeRequest({
    version: V1_1,
    header: {},
    items: [
      {
        Operation: Operation.Locate,
        UniqueBatchItemID: itemId(0),
        RequestPayload: requestPayload('Locate', { Attribute: [wanted] }),
      },
    ],
  });

/** One message that gets several keys, which vCenter does not send. */
export const getBatch = (uids: readonly string[]): Buffer =>
  encodeRequest({
    version: V1_1,
    header: {},
    items: uids.map((uid, index) => ({
      Operation: Operation.Get,
      UniqueBatchItemID: itemId(index),
      RequestPayload: requestPayload('Get', { UniqueIdentifier: uid }),
    })),
  });

export const createRequest = (): Buffer => {
  const template = [
    attribute('Cryptographic Algorithm', CryptographicAlgorithm.AES),
    attribute('Cryptographic Usage Mask', 12),
    attribute('Cryptographic Length', keyLength * 8),
  ];
  const payload = requestPayload('Create', {
    ObjectType: ObjectType.SymmetricKey,
    TemplateAttribute: { Name: [], Attribute: template },
  });
  const item = { Operation: Operation.Create, UniqueBatchItemID: itemId(0), RequestPayload: payload };
  return encodeRequest({ version: V1_1, header: {}, items: [item] });
};

/** Result Status Success, and a Key Material of the length asked for, as they are on the wire. */
const success = Buffer.from('42007f05000000040000000000000000', 'hex');
const material = Buffer.from(`42004308${keyLength.toString(16).padStart(8, '0')}`, 'hex');

const countOf = (bytes: Buffer, part: Buffer): number => {
  let count = 0;
  for (let at = bytes.indexOf(part); at >= 0; at = bytes.indexOf(part, at + part.length)) count++;
  return count;
};

/** Throws for anything but a success with so many whole keys. */
export const checkAnswer = (answer: Buffer, keys: number): void => {
  if (answer.includes(success) && countOf(answer, material) === keys) return;
  throw new Error(`not the answer that was asked for: ${answer.toString('latin1').replaceAll(/[^ -~]+/g, ' ')}`);
};

/** A Unique Identifier of 36 characters, as it is on the wire. */
const identifier = Buffer.from('4200940700000024', 'hex');

/** Throws for anything but one object that was found. */
export const checkFound = (answer: Buffer): void => {
  if (!answer.includes(success) || countOf(answer, identifier) !== 1) throw new Error('not the one object was found');
};
