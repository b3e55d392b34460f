// The management API described for programs, as OpenAPI 3.1: made of the table, whose schemas are JSON Schemas already, so
// that it cannot say anything else than what the server does.

import type { Route } from './api/schema.ts';
import { routes } from './api/table.ts';
import { problemType } from './problem.ts';

type Json = Readonly<Record<string, unknown>>;

const problemSchema = {
  type: 'object',
  properties: {
    kind: { type: 'string', description: 'What went wrong, for programs.' },
    message: { type: 'string', description: 'What went wrong, for people.' },
    hint: { type: 'string', description: 'What to do about it.' },
  },
  required: ['kind', 'message'],
} as const;

const problemOf = (description: string): Json => ({
  description,
  content: { [problemType.split(';')[0] ?? problemType]: { schema: { $ref: '#/components/schemas/Problem' } } },
});

const responses = {
  invalid: problemOf('The input is not as described.'),
  'not-authenticated': problemOf('Nobody is signed in, or what was shown does not count.'),
  refused: problemOf('The role is not enough, or the request comes from another site.'),
  'too-many': {
    ...problemOf('Too many failed attempts.'),
    headers: { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds.' } },
  },
  problem: problemOf('Everything else.'),
} as const;

const refs: Json = Object.fromEntries(
  [
    ['400', 'invalid'],
    ['401', 'not-authenticated'],
    ['403', 'refused'],
    ['429', 'too-many'],
    ['default', 'problem'],
  ].map(([status = '', name]) => [status, { $ref: `#/components/responses/${name}` }]),
);

/** The whole description. `version` is the program's. */
export const describeApi = (version: string): Json => {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, route] of Object.entries(routes) as [string, Route][]) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: describeRoute(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'kmip-edge management API',
      version,
      description:
        'Each role may do what the ones before it may: read-only, operator, administrator. Refusals are problem documents.',
    },
    security: [{ token: [] }, { session: [], csrf: [] }],
    paths,
    components: { schemas: { Problem: problemSchema }, responses, securitySchemes },
  };
};

const securitySchemes = {
  token: { type: 'http', scheme: 'bearer', description: "A token made with 'kmip-edge token create'." },
  session: { type: 'apiKey', in: 'cookie', name: '__Host-kmip-edge', description: 'A signed-in browser.' },
  csrf: {
    type: 'apiKey',
    in: 'header',
    name: 'x-csrf-token',
    description: 'The token of the session, for everything but GET.',
  },
} as const;

const describeRoute = (name: string, { method, role, summary, input, output, media, otherMedia }: Route): Json => ({
  operationId: name,
  summary,
  tags: [name.split('.')[0]],
  'x-role': role,
  ...(role === 'anyone' ? { security: [] } : method === 'GET' ? { security: [{ token: [] }, { session: [] }] } : {}),
  ...(method === 'GET'
    ? { parameters: parametersOf(input) }
    : { requestBody: { required: true, content: { 'application/json': { schema: input } } } }),
  responses: {
    '200': {
      description: 'Done.',
      content: {
        [media ?? 'application/json']: { schema: output },
        ...(otherMedia === undefined ? {} : { [otherMedia]: { schema: output } }),
      },
    },
    ...refs,
  },
});

const parametersOf = ({ properties, required }: Route['input']): readonly Json[] =>
  Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
