// The words in which the table of the management API is written: JSON schemas, from which the types follow.

import type { FromSchema, JSONSchema } from 'json-schema-to-ts';

/** What a person, a token or the box itself may do; each role may do what the ones before it may. `anyone` is who has not
 * signed in: signing in, probes and the page's own files need no more. */
export const roles = ['anyone', 'read-only', 'operator', 'administrator'] as const;
export type Role = (typeof roles)[number];

/** One thing that can be asked of the management API. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** The least role that may ask. */
  readonly role: Role;
  /** One sentence, for the description of the API. */
  readonly summary: string;
  /** The query of a GET, the body of a POST. */
  readonly input: ObjectSchema;
  readonly output: JSONSchema;
  /** The answer's media type, where it is text, bytes or a stream instead of JSON. */
  readonly media?: string;
  /** Another one, for who asks for it by the header Accept. */
  readonly otherMedia?: string;
  /** Bytes that a body may have, where that is more than usual. */
  readonly bodyLimit?: number;
  /** One of many pieces of an act that was recorded when it began: not recorded again. */
  readonly isPiece?: true;
}
export type Routes = Readonly<Record<string, Route>>;

export interface ObjectSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, JSONSchema>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

type Deep<T> = T extends readonly (infer E)[]
  ? readonly Deep<E>[]
  : T extends object
    ? { readonly [P in keyof T]: Deep<T[P]> }
    : T;

/** The type of what a schema admits. */
export type Of<S> = S extends JSONSchema ? Deep<FromSchema<S>> : never;

/** An object with exactly these properties, all but the `optional` ones required. */
export const object = <const P extends Readonly<Record<string, JSONSchema>>, const O extends keyof P & string = never>(
  properties: P,
  optional: readonly O[] = [],
) => {
  const isRequired = (name: string): name is Exclude<keyof P & string, O> =>
    !(optional as readonly string[]).includes(name);
  return {
    type: 'object',
    properties,
    required: Object.keys(properties).filter(isRequired),
    additionalProperties: false,
  } as const;
};

export const list = <const S extends JSONSchema>(items: S) => ({ type: 'array', items }) as const;
export const oneOf = <const V extends readonly string[]>(...values: V) => ({ type: 'string', enum: values }) as const;

export const nothing = object({});
/** A name that we give: of a service instance, a client, a token. */
export const name = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' } as const;
/** What somebody typed. */
export const text = { type: 'string', minLength: 1, maxLength: 4096 } as const;
export const pem = { type: 'string', minLength: 1, maxLength: 65_536 } as const;
/** What is only told, so without bounds. */
export const string = { type: 'string' } as const;
export const boolean = { type: 'boolean' } as const;
/** A whole number from 0, as far as numbers are exact. */
export const count = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
/** A moment, in ISO 8601 with the zone Z. */
export const moment = { type: 'string', format: 'date-time' } as const;
/** Values by name that only the receiver knows. */
export const settings = { type: 'object', additionalProperties: true } as const;
export const milliseconds = { anyOf: [count, { const: 'unlimited' }] } as const;
export const named = object({ name });
