// Objects other than symmetric keys as they rest: their KMIP structure, encoded, is the material that is wrapped, sealed and
// served, so that what a client brought comes back as it was.

import { createSecretKey, type KeyObject } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import { ObjectType } from '../kmip/enums.ts';
import { type ObjectField, objectFieldOf, objectFields } from '../kmip/objects.ts';
import type { RequestPayload, ResponsePayload } from '../kmip/payloads/table.ts';
import { enumName } from '../kmip/since.ts';
import { Tag } from '../kmip/tags.ts';
import { V1_4 } from '../kmip/version.ts';
import { Writer } from '../kmip/writer.ts';

/** The fields of a payload of which one holds the object. */
export type ObjectFields = Pick<RequestPayload<'Register'>, ObjectField>;
type OutgoingObject = Pick<ResponsePayload<'Get'>, ObjectField>;

/** A whole object has less than a message. */
const largestObject = 512 * 1024;

/**
 * The object that a payload brings. Throws `invalid-field` where it is none, several, or another one than Object Type says
 * (KMIP 1.4 section 4.3).
 */
export const objectIn = (payload: ObjectFields, type: ObjectType): ObjectField => {
  const field = objectFieldOf(type);
  const name = enumName(ObjectType, type);
  const given = (Object.keys(objectFields) as ObjectField[]).filter((one) => payload[one] !== undefined);
  if (field === undefined) throw new EdgeError('invalid-field', `objects of the type ${name} are not taken in`);
  if (given.length === 1 && given[0] === field) return field;
  throw new EdgeError(
    'invalid-field',
    `the object type is ${name} and the message holds ${given.join(', ') || 'none'}`,
  );
};

/** The object as bytes to keep. */
export const packed = (payload: ObjectFields, field: ObjectField): KeyObject => {
  const writer = new Writer(V1_4);
  objectFields[field].codec.encode(writer, Tag[field], payload[field] as never);
  const bytes = writer.finish();
  try {
    if (bytes.length <= largestObject) return createSecretKey(bytes);
    throw new EdgeError(
      'invalid-field',
      `an object of ${bytes.length} bytes is not taken in, up to ${largestObject} are`,
    );
  } finally {
    bytes.fill(0);
  }
};

/** The object that was kept as `bytes`, of which it holds views. Throws `data-damaged`. */
export const unpacked = (bytes: Buffer, type: number): OutgoingObject => {
  const field = objectFieldOf(type as ObjectType);
  if (field === undefined) throw new EdgeError('data-damaged', `an object of the unknown type ${type} is stored`);
  const value = objectFields[field].codec.decode({ bytes, version: V1_4, depth: 2 }, 0);
  return { [field]: value };
};
