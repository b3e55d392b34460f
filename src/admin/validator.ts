// Validates what comes in by the table's schemas. Each is compiled when it is first needed and once for all servers: an
// idle server needs none of them.

import { Ajv, type ValidateFunction } from 'ajv';
import type { ObjectSchema } from './api/schema.ts';

/** Texts of a query become the numbers and booleans that its schema asks for; a body is taken as it is. */
const make = (coerceTypes: boolean): Ajv => {
  const ajv = new Ajv({ coerceTypes, strictTypes: false, ownProperties: true });
  ajv.addFormat('date-time', isMoment);
  return ajv;
};

/** ISO 8601 with a zone, as `toISOString` writes it or with an offset. */
const momentPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
const isMoment = (text: string): boolean => momentPattern.test(text) && !Number.isNaN(Date.parse(text));

let ajvs: { readonly query: Ajv; readonly body: Ajv } | undefined;
const compiled = new WeakMap<ObjectSchema, ValidateFunction>();

const compile = (schema: ObjectSchema, isQuery: boolean): ValidateFunction => {
  ajvs ??= { query: make(true), body: make(false) };
  const validate = (isQuery ? ajvs.query : ajvs.body).compile(schema);
  compiled.set(schema, validate);
  return validate;
};

/** As the server library calls it: true, the value to take instead, or the error. A body that is left out is an empty one. */
export const validatorOf =
  (schema: ObjectSchema, isQuery: boolean) =>
  (given: unknown): boolean | { readonly error: Error } | { readonly value: unknown } => {
    const validate = compiled.get(schema) ?? compile(schema, isQuery);
    const value = given ?? {};
    if (validate(value)) {
      if (!isText(value)) return refusal('a text has half a character: the other half of a surrogate pair is missing');
      return value === given ? true : { value };
    }
    const what = isQuery ? 'query' : 'body';
    const problem = (validate.errors ?? []).map(({ instancePath, message, params }) => {
      const extra: unknown = params['additionalProperty'];
      const named = typeof extra === 'string' ? `: '${extra.slice(0, 64)}'` : '';
      return `${what}${instancePath} ${message ?? 'is wrong'}${named}`;
    });
    return refusal(problem.join('; '));
  };

const refusal = (message: string): { readonly error: Error } => ({
  error: Object.assign(new Error(message), { statusCode: 400 }),
});

/** Whether every text in a JSON value can be written as UTF-8, which certificates, files and the database are. */
const isText = (value: unknown): boolean => {
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === 'string' && !next.isWellFormed()) return false;
    // Without recursion: it may be nested as deep as a body is long.
    if (typeof next === 'object' && next !== null) for (const pair of Object.entries(next)) left.push(...pair);
  }
  return true;
};
