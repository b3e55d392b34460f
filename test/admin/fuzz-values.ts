// Random values from the JSON schemas of the API's own table: such as it describes, and damaged ones. Where a value would
// make the server talk to somebody or write somewhere, it is this machine's loopback and the test's own directory.

import type { JSONSchema } from 'json-schema-to-ts';
import type { ObjectSchema } from '../../src/admin/api/schema.ts';
import type { Random } from '../kmip/mutate.ts';

/** What the values may name. */
export interface Places {
  /** An empty directory. */
  readonly directory: string;
  readonly certificate: string;
  /** Of what there is now: service instances, clients, and the like. */
  names: readonly string[];
}

type Schema = Exclude<JSONSchema, boolean>;
export type Fields = Record<string, unknown>;

export const pick = <T>(from: readonly T[], random: Random): T => {
  const chosen = from[random(from.length)];
  if (chosen === undefined) throw new Error('there is nothing to choose from');
  return chosen;
};

const invented = ['default', 'second', 'third', 'a', 'A.b_c-d', '0', 'x'.repeat(64), 'nowhere'] as const;
/** A closed port, and what is no address at all. */
const addresses = [
  '127.0.0.1:1',
  'https://127.0.0.1:1/',
  'https://127.0.0.1:1',
  '127.0.0.1',
  'https://',
  ':',
  'a b',
] as const;
const isAddress = /url|endpoint|host|address|server|target|collector|proxy|destination/i;
const isPath = /path|file|directory|folder/i;
const texts = [
  'text',
  'Ünïcödé 🔑',
  "' OR 1=1 --",
  '<script>',
  '../../etc/passwd',
  '%00%0a',
  '\u0000',
  '{}',
  '-1',
  'local',
  'kmip',
] as const;
const keyProtect = {
  url: 'https://127.0.0.1:1',
  iamUrl: 'https://127.0.0.1:1',
  instanceId: 'i',
  crk: 'c',
  apiKey: 'k',
} as const;
const upstreamSettings = [
  {},
  keyProtect,
  { endpoint: '127.0.0.1:1', fingerprints: ['00'] },
  { url: null },
  { nonsense: [1] },
] as const;

/** A value that `schema` admits, mostly: what a pattern asks for is only known for names. */
export const valueFor = (schema: Schema, name: string, places: Places, random: Random): unknown => {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return pick(schema.enum as readonly unknown[], random);
  if (schema.anyOf) return valueFor(pick(schema.anyOf, random) as Schema, name, places, random);
  switch (schema.type) {
    case 'integer':
    case 'number':
      return numberFor(schema, random);
    case 'boolean':
      return random(2) === 0;
    case 'array':
      return Array.from({ length: (schema.minItems ?? 0) + random(3) }, () =>
        valueFor((schema.items ?? {}) as Schema, name, places, random),
      );
    case 'object':
      return schema.properties ? objectFor(schema as ObjectSchema, places, random) : pick(upstreamSettings, random);
    default:
      return textFor(schema, name, places, random);
  }
};

const numberFor = ({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Schema, random: Random): number =>
  pick([minimum, maximum, Math.min(maximum, minimum + random(1000))], random);

const textFor = ({ pattern, format, minLength = 0 }: Schema, name: string, places: Places, random: Random): string => {
  if (isPath.test(name)) return `${places.directory}/${random(1000)}`;
  if (isAddress.test(name)) return pick(addresses, random);
  if (/certificate|pem|bundle|intermediates/i.test(name) && random(2) === 0) return places.certificate;
  if (format === 'date-time') return new Date(random(2 ** 31) * 1000).toISOString();
  if (pattern !== undefined) return pick(random(2) === 0 && places.names.length > 0 ? places.names : invented, random);
  const text = pick(texts, random);
  return text.length < minLength ? text.padEnd(minLength, 'p') : text;
};

/** All that is required, and some of the rest. */
export const objectFor = ({ properties, required }: ObjectSchema, places: Places, random: Random): Fields =>
  Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => required.includes(name) || random(2) === 0)
      .map(([name, schema]) => [name, valueFor(schema as Schema, name, places, random)]),
  );

const strange: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  [],
  {},
  [[[[[]]]]],
  { toString: 1, constructor: null },
];
const strangeTexts = [
  '',
  '\u0000',
  '\ud800',
  'x'.repeat(70_000),
  '\u202e',
  'name\r\nset-cookie: a=b',
  '__proto__',
] as const;
const strayNames = ['', '__proto__', 'constructor', 'toString', 'no-such-field', '\u0000', 'x'.repeat(5000)] as const;

/** `fields` with one thing wrong, or right only by chance. */
export const damage = (fields: Fields, random: Random): Fields => {
  const present = Object.keys(fields);
  const name = present.length > 0 ? pick(present, random) : '';
  switch (present.length > 0 ? random(4) : 3) {
    case 0:
      return Object.fromEntries(Object.entries(fields).filter(([other]) => other !== name));
    case 1:
      return { ...fields, [name]: pick(strange, random) };
    case 2:
      return { ...fields, [name]: isPath.test(name) ? 5 : pick(strangeTexts, random) };
    default:
      // An own property, whatever its name.
      return Object.defineProperty({ ...fields }, pick(strayNames, random), { value: 1, enumerable: true });
  }
};
