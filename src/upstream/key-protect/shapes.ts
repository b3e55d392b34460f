// The shapes of the answers we believe, as JSON schemas with the types computed from them. Anything else is malformed
// and proves nothing: a captive portal, a proxy, or the enveloped wrap answers that only exist in somebody's mocks.
// Unknown extra members are let through, because the service adds some now and then.

import { Ajv, type ValidateFunction } from 'ajv';
import type { FromSchema } from 'json-schema-to-ts';

const base64 = '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$';
const plaintext = { type: 'string', minLength: 1, maxLength: 65_536, pattern: base64 } as const;
const ciphertext = { type: 'string', minLength: 1, maxLength: 65_536 } as const;
const version = {
  type: 'object',
  properties: { id: { type: 'string', minLength: 1, maxLength: 128 } },
  required: ['id'],
} as const;

const key = {
  type: 'object',
  properties: {
    id: { type: 'string', minLength: 1, maxLength: 128 },
    name: { type: 'string', maxLength: 1024 },
    aliases: { type: 'array', items: { type: 'string', maxLength: 256 }, maxItems: 100 },
    state: { type: 'integer', enum: [0, 1, 2, 3, 5] },
    extractable: { type: 'boolean' },
    imported: { type: 'boolean' },
    deleted: { type: 'boolean' },
    keyVersion: version,
    lastRotateDate: { type: 'string', maxLength: 64 },
    creationDate: { type: 'string', maxLength: 64 },
  },
  required: ['id', 'state', 'extractable'],
} as const;

const keyCollection = {
  type: 'object',
  properties: {
    collectionType: { type: 'string', const: 'application/vnd.ibm.kms.key+json' },
    collectionTotal: { type: 'integer', minimum: 0 },
  },
  required: ['collectionType'],
} as const;

export const kmipAdapterType = 'application/vnd.ibm.kms.kmip_adapter+json';
export const kmipCertificateType = 'application/vnd.ibm.kms.kmip_client_certificate+json';

/** Identifiers go into paths of ours: nothing but what a UUID may be made of. */
const kmipId = { type: 'string', pattern: '^[A-Za-z0-9-]{1,128}$' } as const;
const kmipName = { type: 'string', minLength: 1, maxLength: 256 } as const;

const adapter = {
  type: 'object',
  properties: {
    id: kmipId,
    name: kmipName,
    profile: { type: 'string', maxLength: 64 },
    profile_data: { type: 'object', properties: { crk_id: { type: 'string', minLength: 1, maxLength: 128 } } },
  },
  required: ['id', 'name', 'profile'],
} as const;

/** Lists leave the certificate itself out. */
const kmipCertificate = {
  type: 'object',
  properties: { id: kmipId, name: kmipName, certificate: { type: 'string', minLength: 1, maxLength: 65_536 } },
  required: ['id', 'name'],
} as const;

const adapterCollection = {
  type: 'object',
  properties: { collectionType: { type: 'string', const: kmipAdapterType } },
  required: ['collectionType'],
} as const;

const certificateCollection = {
  type: 'object',
  properties: { collectionType: { type: 'string', const: kmipCertificateType } },
  required: ['collectionType'],
} as const;

const oneAdapter = {
  type: 'object',
  properties: {
    metadata: adapterCollection,
    resources: { type: 'array', items: adapter, minItems: 1, maxItems: 1 },
  },
  required: ['metadata', 'resources'],
} as const;

const oneCertificate = {
  type: 'object',
  properties: {
    metadata: certificateCollection,
    resources: { type: 'array', items: kmipCertificate, minItems: 1, maxItems: 1 },
  },
  required: ['metadata', 'resources'],
} as const;

const schemas = {
  wrap: {
    type: 'object',
    properties: { plaintext, ciphertext, keyVersion: version },
    required: ['ciphertext'],
  },
  unwrap: {
    type: 'object',
    properties: { plaintext, ciphertext, keyVersion: version, rewrappedKeyVersion: version },
    required: ['plaintext'],
  },
  rewrap: {
    type: 'object',
    properties: { ciphertext, keyVersion: version, rewrappedKeyVersion: version },
    required: ['ciphertext'],
  },
  metadata: {
    type: 'object',
    properties: { metadata: keyCollection, resources: { type: 'array', items: key, minItems: 1, maxItems: 1 } },
    required: ['metadata', 'resources'],
  },
  list: {
    type: 'object',
    properties: { metadata: keyCollection, resources: { type: 'array', items: key, maxItems: 5000 } },
    required: ['metadata'], // an empty list may come without resources
  },
  'list-adapters': {
    type: 'object',
    properties: { metadata: adapterCollection, resources: { type: 'array', items: adapter, maxItems: 200 } },
    required: ['metadata'],
  },
  'create-adapter': oneAdapter,
  'list-certificates': {
    type: 'object',
    properties: {
      metadata: certificateCollection,
      resources: { type: 'array', items: kmipCertificate, maxItems: 200 },
    },
    required: ['metadata'],
  },
  'read-certificate': oneCertificate,
  'add-certificate': oneCertificate,
  'delete-certificate': { type: ['null', 'object'] }, // success says nothing
  token: {
    type: 'object',
    properties: {
      access_token: { type: 'string', minLength: 1, maxLength: 16_384, pattern: '^[\\x21-\\x7e]+$' },
      expires_in: { type: 'number', exclusiveMinimum: 0, maximum: 604_800 },
    },
    required: ['access_token', 'expires_in'],
  },
  iamError: {
    type: 'object',
    properties: {
      errorCode: { type: 'string', pattern: '^[A-Z0-9_]{1,32}$' },
      errorMessage: { type: 'string', maxLength: 10_000 },
    },
    required: ['errorCode'],
  },
  error: {
    type: 'object',
    properties: {
      metadata: {
        type: 'object',
        properties: { collectionType: { type: 'string', const: 'application/vnd.ibm.kms.error+json' } },
        required: ['collectionType'],
      },
      resources: {
        type: 'array',
        minItems: 1,
        maxItems: 1,
        items: {
          type: 'object',
          properties: {
            errorMsg: { type: 'string', minLength: 1, maxLength: 10_000 },
            reasons: {
              type: 'array',
              maxItems: 16,
              items: {
                type: 'object',
                properties: {
                  code: { type: 'string', pattern: '^[A-Z][A-Z0-9_]{2,63}$' },
                  message: { type: 'string', maxLength: 10_000 },
                  status: { type: 'integer' },
                  target: {
                    type: 'object',
                    properties: { type: { type: 'string' }, name: { type: 'string', maxLength: 256 } },
                  },
                },
                required: ['code'],
              },
            },
          },
          required: ['errorMsg'],
        },
      },
    },
    required: ['metadata', 'resources'],
  },
} as const;

type Schemas = typeof schemas;
export type ShapeName = keyof Schemas;
/** The type of each shape, computed once: indexing it is cheap for the compiler, computing it anew is not. */
interface Shapes {
  readonly wrap: FromSchema<Schemas['wrap']>;
  readonly unwrap: FromSchema<Schemas['unwrap']>;
  readonly rewrap: FromSchema<Schemas['rewrap']>;
  readonly metadata: FromSchema<Schemas['metadata']>;
  readonly list: FromSchema<Schemas['list']>;
  readonly 'list-adapters': FromSchema<Schemas['list-adapters']>;
  readonly 'create-adapter': FromSchema<Schemas['create-adapter']>;
  readonly 'list-certificates': FromSchema<Schemas['list-certificates']>;
  readonly 'read-certificate': FromSchema<Schemas['read-certificate']>;
  readonly 'add-certificate': FromSchema<Schemas['add-certificate']>;
  readonly 'delete-certificate': FromSchema<Schemas['delete-certificate']>;
  readonly token: FromSchema<Schemas['token']>;
  readonly iamError: FromSchema<Schemas['iamError']>;
  readonly error: FromSchema<Schemas['error']>;
}
export type Shape<N extends ShapeName> = Shapes[N];
export type KeyResource = FromSchema<typeof key>;
export type AdapterResource = FromSchema<typeof adapter>;
export type CertificateResource = FromSchema<typeof kmipCertificate>;

/** No body at all is read as null. */
const parse = (body: Buffer): unknown => {
  if (body.length === 0) return null;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
};

let ajv: Ajv | undefined;
const compiled = new Map<ShapeName, ValidateFunction>();

/** Each is compiled when it is first needed, and once for all upstreams: it takes tens of milliseconds. */
const validator = (name: ShapeName): ValidateFunction => {
  ajv ??= new Ajv({ strict: true, allowUnionTypes: true });
  const found = compiled.get(name) ?? ajv.compile(schemas[name]);
  compiled.set(name, found);
  return found;
};

/** Reads bytes as JSON of a named shape; undefined for anything else. */
export const readShape = <N extends ShapeName>(name: N, body: Buffer): Shape<N> | undefined => {
  const value = parse(body);
  return validator(name)(value) ? (value as Shape<N>) : undefined; // the schema is the proof of the type
};
