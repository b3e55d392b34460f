// The API's description is valid OpenAPI 3.1, says of every route what the table says, and the server's answers are as it
// says.

import { Validator } from '@seriousme/openapi-schema-validator';
import test from 'ava';
import type { Route } from '../../src/admin/api/schema.ts';
import { routes } from '../../src/admin/api/table.ts';
import { validatorOf } from '../../src/admin/validator.ts';
import { answerProblem } from '../kit/answers.ts';
import { ask, bearer, withHttps } from '../kit/https.ts';
import { sharedServer } from '../kit/shared-server.ts';

const server = sharedServer({ settings: withHttps });
const table = Object.entries(routes) as readonly (readonly [name: string, route: Route])[];

interface Description {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

const describe = async (): Promise<Description> => {
  const { token } = await server().api('token.create', {
    name: `reader-${Math.random()}`,
    role: 'read-only',
    lifetime: 60_000,
  });
  const { status, json } = await ask(server(), '/v1/openapi.json', { headers: bearer(token) });
  if (status !== 200) throw new Error(`HTTP ${status}`);
  return json() as Description;
};

test('it is valid OpenAPI 3.1', async (t) => {
  const description = await describe();
  const validator = new Validator();
  const { valid, errors } = await validator.validate(description as unknown as Record<string, unknown>);
  t.true(valid, JSON.stringify(errors ?? []).slice(0, 2000));
  t.is(validator.version, '3.1');
  const broken = { ...description, paths: { 'no-slash': {} } };
  t.false((await new Validator().validate(broken as unknown as Record<string, unknown>)).valid);
});

test('it has every route of the table once, with its role, its input and its refusals', async (t) => {
  const { paths } = await describe();
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  t.is(described.length, table.length);
  for (const [name, { method, path, role, summary }] of table) {
    const operation = paths[path]?.[method.toLowerCase()];
    t.like(operation, { operationId: name, summary, 'x-role': role });
    t.is('requestBody' in (operation ?? {}), method === 'POST', name);
    const responses = Object.keys((operation?.['responses'] ?? {}) as object);
    t.deepEqual(responses.toSorted(), ['200', '400', '401', '403', '429', 'default']);
    t.is(JSON.stringify(operation?.['security']) === '[]', role === 'anyone', name);
  }
});

test('no two routes have the same method and path, and every summary is one sentence', (t) => {
  const keys = table.map(([, { method, path }]) => `${method} ${path}`);
  t.is(new Set(keys).size, keys.length);
  for (const [name, { summary, path }] of table) {
    t.regex(summary, /^[A-Z].*\.$/, name);
    t.regex(path, /^\/v1\/|^\/(health(\/live|\/ready)?|metrics)$/, name);
  }
});

for (const [name, route] of table) {
  test(`the schemas of ${name} compile`, (t) => {
    const validate = validatorOf(route.input, route.method === 'GET');
    t.notThrows(() => validate({}));
    if (!route.media) t.notThrows(() => answerProblem(name, {}));
  });
}

test('what is asked with texts of a query is read as its schema says, a body is taken as it is', (t) => {
  const input = routes['key.list'].input;
  t.true(validatorOf(input, true)({ limit: '5' }));
  t.like(validatorOf(input, true)({ limit: 'five' }), { error: { statusCode: 400 } });
  t.like(validatorOf(routes['token.create'].input, false)({ name: 'a', role: 'operator', lifetime: '60000' }), {
    error: { message: 'body/lifetime must be integer' },
  });
});

type Bounds = Readonly<Record<string, unknown>>;

/** Where a schema admits what has no bound: a text, a number or a list of any size. */
const unbounded = (schema: Bounds, at: string): readonly string[] => {
  if ('const' in schema || 'enum' in schema) return [];
  const parts = [
    ...((schema['anyOf'] as readonly Bounds[] | undefined) ?? []).map(
      (part, index) => [part, `${at}|${index}`] as const,
    ),
    ...Object.entries((schema['properties'] as Record<string, Bounds> | undefined) ?? {}).map(
      ([name, part]) => [part, `${at}.${name}`] as const,
    ),
    ...(schema['items'] ? [[schema['items'] as Bounds, `${at}[]`] as const] : []),
  ];
  return [...(isBounded(schema) ? [] : [at]), ...parts.flatMap(([part, place]) => unbounded(part, place))];
};

/** From its beginning to its end, with nothing in it that repeats without an end. */
const isBoundedPattern = (pattern: string): boolean =>
  /^\^.*\$$/.test(pattern) && !/[*+]|\{\d+,\}/.test(pattern.replaceAll(/\[[^\]]*\]|\\./g, ''));

const isBounded = (schema: Bounds): boolean => {
  switch (schema['type']) {
    case 'string':
      return 'maxLength' in schema || schema['format'] === 'date-time' || isBoundedPattern(String(schema['pattern']));
    case 'integer':
    case 'number':
      return 'maximum' in schema && 'minimum' in schema;
    case 'array':
      return 'maxItems' in schema;
    default:
      return true;
  }
};

test('whatever comes in has a bound', (t) => {
  t.deepEqual(
    table.flatMap(([name, { input }]) => unbounded(input as unknown as Bounds, name)),
    [],
  );
  t.deepEqual(unbounded({ type: 'object', properties: { a: { type: 'string' }, b: { type: 'integer' } } }, 'x'), [
    'x.a',
    'x.b',
  ]);
});

const halves: readonly (readonly [what: string, settings: Record<string, unknown>])[] = [
  ['a value', { url: 'a\ud800' }],
  ['a name', { '\udc00': 1 }],
  ['the depth of a list', { list: [[['\ud83d']]] }],
];
for (const [what, settings] of halves) {
  test(`half a character in ${what} is refused`, (t) => {
    const { input } = routes['instance.update'];
    t.true(validatorOf(input, false)({ name: 'a', settings: { url: '🔑' } }));
    t.like(validatorOf(input, false)({ name: 'a', settings }), { error: { statusCode: 400 } });
  });
}

test('a body that is nested as deep as it is long is looked through', (t) => {
  const settings = JSON.parse(`${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`) as Record<string, unknown>;
  t.true(validatorOf(routes['instance.update'].input, false)({ name: 'a', settings }));
});
