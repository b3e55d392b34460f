// Keys as an administrator may see and change them: never their bytes.

import { count, list, moment, name, type Of, object, oneOf, type Routes, string, text } from './schema.ts';

export const keyState = oneOf('PreActive', 'Active', 'Deactivated', 'Compromised', 'Destroyed', 'DestroyedCompromised');

const keyFields = {
  uid: string,
  instance: string,
  state: string,
  algorithm: string,
  /** In bits. */
  length: count,
  initialDate: moment,
  names: list(string),
  /** The last Get, and the client that asked; absent where none is known. */
  fetchedAt: moment,
  fetchedBy: string,
} as const;
const maybe = ['fetchedAt', 'fetchedBy'] as const;

const keyView = object(keyFields, maybe);
export type KeyView = Of<typeof keyView>;

/** KMIP's dates that a key has, by their names. */
const keyDates = {
  activationDate: moment,
  processStartDate: moment,
  protectStopDate: moment,
  deactivationDate: moment,
  compromiseDate: moment,
  compromiseOccurrenceDate: moment,
  destroyDate: moment,
} as const;

const keyDetail = object(
  {
    ...keyFields,
    objectType: string,
    usage: list(string),
    ...keyDates,
    lastChangeDate: moment,
    revocation: object({ reason: string, message: string }, ['message']),
    /** The kind of upstream that has authority over it, and the root key's version that wrapped it where that is known. */
    upstream: string,
    wrappedVersion: string,
    /** Since when its endpoint does not have it any more. */
    missingSince: moment,
    /** What clients gave it, custom attributes too. */
    attributes: list(object({ name: string, index: count, value: string })),
  },
  [
    ...maybe,
    'activationDate',
    'processStartDate',
    'protectStopDate',
    'deactivationDate',
    'compromiseDate',
    'compromiseOccurrenceDate',
    'destroyDate',
    'revocation',
    'wrappedVersion',
    'missingSince',
  ],
);
export type KeyDetail = Of<typeof keyDetail>;

/** As KMIP allows identifiers that others made. */
const uid = { type: 'string', minLength: 1, maxLength: 255 } as const;

export const revocationReason = oneOf(
  'unspecified',
  'key-compromise',
  'ca-compromise',
  'affiliation-changed',
  'superseded',
  'cessation-of-operation',
  'privilege-withdrawn',
);
export type RevocationReasonName = Of<typeof revocationReason>;

export const keyRoutes = {
  'key.list': {
    method: 'GET',
    path: '/v1/keys',
    role: 'read-only',
    summary: 'Keys of one service instance or of all, oldest first; whatever is looked for, a page at a time.',
    input: object(
      {
        instance: name,
        uid,
        /** Its Name, or what vCenter writes into x-Name. */
        name: text,
        /** `NAME=VALUE`, of a text attribute: `x-Component=Virtual Machine`. */
        attribute: { type: 'string', minLength: 3, maxLength: 4096, pattern: '^[^=]+=' },
        state: keyState,
        /** The client that fetched it last. */
        client: { type: 'string', minLength: 1, maxLength: 128 },
        limit: { type: 'integer', minimum: 1, maximum: 1000 },
        /** Where the page before ended. */
        cursor: { type: 'string', minLength: 1, maxLength: 128 },
      },
      ['instance', 'uid', 'name', 'attribute', 'state', 'client', 'limit', 'cursor'],
    ),
    output: object(
      {
        keys: list(keyView),
        /** How many keys there are in all, whatever is looked for. */
        total: count,
        /** Where to go on; a page may be short, or empty, and have one. */
        next: string,
      },
      ['next'],
    ),
  },
  'key.show': {
    method: 'GET',
    path: '/v1/keys/show',
    role: 'read-only',
    summary: 'Everything about a key but its bytes.',
    input: object({ uid }),
    output: keyDetail,
  },
  'key.revoke': {
    method: 'POST',
    path: '/v1/keys/revoke',
    role: 'administrator',
    summary: 'Revokes a key, as KMIP has it: it is Deactivated, or Compromised where the reason says so.',
    input: object({ uid, reason: revocationReason, message: text }, ['message']),
    output: keyDetail,
  },
  'key.destroy': {
    method: 'POST',
    path: '/v1/keys/destroy',
    role: 'administrator',
    summary: 'Destroys a key: its material is erased for good. An Active key has to be revoked first.',
    input: object({
      uid,
      /** The identifier once more, typed by whoever decided. */
      confirm: uid,
    }),
    output: keyDetail,
  },
} as const satisfies Routes;
