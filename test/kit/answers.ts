// Holds what the management API answers against what its table says it answers.

import { Ajv, type ValidateFunction } from 'ajv';
import type { Route } from '../../src/admin/api/schema.ts';
import { routes } from '../../src/admin/api/table.ts';

const ajv = new Ajv({ strictTypes: false, allErrors: true });
ajv.addFormat('date-time', /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
const compiled = new Map<string, ValidateFunction>();

/** What is wrong with an answer of the route `name`; undefined: nothing. */
export const answerProblem = (name: string, answer: unknown): string | undefined => {
  const route = (routes as Readonly<Record<string, Route>>)[name];
  if (!route) return `there is no route ${name}`;
  if (route.media !== undefined) return undefined;
  const validate = compiled.get(name) ?? ajv.compile(route.output as object);
  compiled.set(name, validate);
  if (validate(answer)) return undefined;
  return `the answer of ${name} is not as the table says: ${ajv.errorsText(validate.errors)}`;
};
