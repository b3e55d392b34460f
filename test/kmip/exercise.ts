// Puts bytes through everything that decodes, and what decodes through everything that encodes. Shared by the property
// tests and the fuzzer: hostile bytes may be refused by an EdgeError of three kinds, and by nothing else.

import { isDeepStrictEqual } from 'node:util';
import { isKind } from '../../src/errors.ts';
import type { Codec } from '../../src/kmip/codec.ts';
import { Operation } from '../../src/kmip/enums.ts';
import {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  type Request,
  type Response,
} from '../../src/kmip/message.ts';
import type { Payload } from '../../src/kmip/payload.ts';
import { decodePayload, decodeResponsePayload, isPayloadOperation, payloads } from '../../src/kmip/payloads/table.ts';
import { enumName } from '../../src/kmip/since.ts';
import { readJson, writeJson } from '../../src/kmip/text/json.ts';
import { readXml, writeXml } from '../../src/kmip/text/xml.ts';
import { decodeItem, encodeItem } from '../../src/kmip/ttlv.ts';
import type { Version } from '../../src/kmip/version.ts';
import { peekVersion } from '../../src/kmip/version-peek.ts';

/** Runs `decode`; undefined where it refused the bytes in the allowed way. */
export const unlessRefused = <T>(decode: () => T): T | undefined => {
  try {
    return decode();
  } catch (error) {
    if (isKind(error, 'invalid-message', 'missing-data', 'invalid-field')) return undefined;
    throw error;
  }
};

const same = (what: string, before: unknown, after: unknown): void => {
  if (!isDeepStrictEqual(before, after)) throw new Error(`${what} is another after encoding and decoding`);
};

/** A payload by its schema: decoded and prepared for encoding; as it was where we have no schema for it. */
const reprepare = (
  kind: 'request' | 'response',
  operation: number | undefined,
  slice: Buffer,
  version: Version,
): Payload => {
  const name = enumName(Operation, operation ?? 0);
  if (!isPayloadOperation(name)) return slice;
  const value = kind === 'request' ? decodePayload(name, slice, version) : decodeResponsePayload(name, slice, version);
  const codec: Codec<unknown> = payloads[name][kind];
  return { codec, value };
};

/** Decodes a request by schema, payloads included, and encodes it again. */
export const recodeRequest = (request: Request): Buffer =>
  encodeRequest({
    ...request,
    items: request.items.map((item) => ({
      ...item,
      RequestPayload: reprepare('request', item.Operation, item.RequestPayload, request.version),
    })),
  });

/** Decodes a response by schema, payloads included, and encodes it again. */
export const recodeResponse = (response: Response): Buffer =>
  encodeResponse({
    ...response,
    items: response.items.map((item) => ({
      ...item,
      ResponsePayload:
        item.ResponsePayload && reprepare('response', item.Operation, item.ResponsePayload, response.version),
    })),
  });

const exerciseItem = (bytes: Buffer): boolean => {
  const item = unlessRefused(() => decodeItem(bytes));
  if (item === undefined) return false;
  same('the item', item, decodeItem(encodeItem(item)));
  same('the item in XML', encodeItem(item), encodeItem(readXml(writeXml(item))));
  same('the item in JSON', encodeItem(item), encodeItem(readJson(writeJson(item))));
  return true;
};

const exerciseRequest = (bytes: Buffer): boolean => {
  const request = unlessRefused(() => decodeRequest(bytes));
  if (request === undefined) return false;
  same('the request', request, decodeRequest(encodeRequest(request)));
  const recoded = unlessRefused(() => recodeRequest(request));
  if (recoded === undefined) return false;
  same('the request with payloads', recoded, recodeRequest(decodeRequest(recoded)));
  return true;
};

const exerciseResponse = (bytes: Buffer): boolean => {
  const response = unlessRefused(() => decodeResponse(bytes));
  if (response === undefined) return false;
  same('the response', response, decodeResponse(encodeResponse(response)));
  const recoded = unlessRefused(() => recodeResponse(response));
  if (recoded === undefined) return false;
  same('the response with payloads', recoded, recodeResponse(decodeResponse(recoded)));
  return true;
};

export interface Outcome {
  /** It is well-formed TTLV. */
  readonly item: boolean;
  /** It is a message, all of whose payloads decode. */
  readonly message: boolean;
}

/** The bytes as text in both encodings: of most the readers make nothing. */
const exerciseText = (bytes: Buffer): void => {
  const text = bytes.toString();
  for (const read of [readXml, readJson]) unlessRefused(() => encodeItem(read(text)));
};

/** Throws where anything but a proper refusal happens. */
export const exercise = (bytes: Buffer): Outcome => {
  peekVersion(bytes);
  exerciseText(bytes);
  const item = exerciseItem(bytes);
  const request = exerciseRequest(bytes);
  return { item, message: exerciseResponse(bytes) || request };
};
