// From raw values to settings: the JSON Schema that follows from the table, and the messages about what it refuses. The
// schema tells where something is wrong; the table tells what is allowed there.

import { isIP } from 'node:net';
import { Ajv, type ErrorObject, type Schema } from 'ajv';
import { isKind } from '../errors.ts';
import { parseNetwork } from '../networks.ts';
import { parseDuration } from './duration.ts';
import { parseEndpoint } from './endpoint.ts';
import { nearestName } from './nearest-name.ts';
import { describeAllowed, isSettingName, rowOf, type SettingName, type SettingRow, settingNames } from './settings.ts';
import { parseSize } from './size.ts';

/** Raw values by dotted name. */
export type RawSettings = Readonly<Record<string, unknown>>;
/** One refused setting: its name, and what is wrong with it. */
export interface Problem {
  readonly name: string;
  readonly text: string;
}

/** Everything that is wrong with `raw`: at most one problem a setting. */
export const findProblems = (raw: RawSettings): readonly Problem[] => {
  if (Object.keys(raw).length === 0) return [];
  const validate = compile(settingNames.filter((name) => Object.hasOwn(raw, name)));
  if (validate(raw)) return [];
  const names = new Set((validate.errors ?? []).map(nameOf));
  return [...names].map((name) => ({ name, text: problemOf(name, raw[name]) }));
};

/** The value of a setting whose raw value has no problem. */
export const readValue = (row: SettingRow, raw: unknown): unknown => {
  switch (row.type) {
    case 'endpoint':
      return row.off && raw === 'off' ? raw : parseEndpoint(String(raw));
    case 'duration':
      return parseDuration(String(raw), { unlimited: true });
    case 'size':
      return parseSize(String(raw));
    case 'names':
    case 'networks':
      return Object.freeze([...(raw as readonly string[])]);
    default:
      return raw;
  }
};

/** The schema of `names` alone: to compile a row costs more than to use it, and it is used once. */
const compile = (names: readonly SettingName[]) => {
  // Holding our own schema against the schema of schemas would cost more than all else here.
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, meta: false, validateSchema: false });
  ajv.addFormat('endpoint', { validate: accepts(parseEndpoint) });
  ajv.addFormat('endpoint or off', { validate: (text: string) => text === 'off' || accepts(parseEndpoint)(text) });
  ajv.addFormat('name', { validate: isServerName });
  ajv.addFormat('network', { validate: accepts(parseNetwork) });
  ajv.addKeyword({ keyword: 'duration', validate: isWithin((text) => parseDuration(text, { unlimited: true })) });
  ajv.addKeyword({ keyword: 'size', validate: isWithin(parseSize) });
  const properties = Object.fromEntries(names.map((name) => [name, schemaOf(rowOf(name))]));
  return ajv.compile({ type: 'object', properties, additionalProperties: false });
};

const schemaOf = (row: SettingRow): Schema => {
  switch (row.type) {
    case 'text':
      return { type: 'string', maxLength: 4096, pattern: row.pattern };
    case 'endpoint':
      return { type: 'string', format: row.off ? 'endpoint or off' : 'endpoint' };
    case 'duration':
      return { type: ['string', 'integer'], duration: [row.minimum, row.maximum] };
    case 'size':
      return { type: ['string', 'integer'], size: [row.minimum, row.maximum] };
    case 'integer':
      return { type: 'integer', minimum: row.minimum, maximum: row.maximum };
    case 'boolean':
      return { type: 'boolean' };
    case 'choice':
      return { type: 'string', enum: row.choices };
    case 'names':
    case 'networks': {
      const format = row.type === 'names' ? 'name' : 'network';
      return { type: 'array', items: { type: 'string', format }, maxItems: row.maximum, uniqueItems: true };
    }
  }
};

/** True when `parse` takes the text; what else it throws is a fault of ours. */
const accepts = (parse: (text: string) => unknown) => (text: string) => {
  try {
    parse(text);
    return true;
  } catch (error) {
    if (isKind(error, 'invalid-field')) return false;
    throw error;
  }
};

/** A schema keyword that holds a value between two others, all three in the same notation. */
const isWithin =
  (parse: (text: string) => number | 'unlimited') =>
  ([minimum, maximum]: readonly [string, string], raw: unknown): boolean => {
    const size = (text: string) => {
      const value = parse(text);
      return value === 'unlimited' ? Number.POSITIVE_INFINITY : value;
    };
    const text = String(raw);
    return accepts(parse)(text) && size(text) >= size(minimum) && size(text) <= size(maximum);
  };

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
/** As src/ca checks names again when it signs: no wildcards and no zones. */
const isServerName = (text: string): boolean =>
  isIP(text) === 0 ? text.length <= 253 && text.split('.').every((part) => label.test(part)) : !text.includes('%');

/** The dotted name of the setting that a schema error is about. */
const nameOf = ({ instancePath, params }: ErrorObject): string => {
  const unknownName: unknown = params['additionalProperty'];
  return typeof unknownName === 'string' ? unknownName : (instancePath.split('/')[1] ?? '');
};

/** The value of an unknown setting is not repeated: it may be a secret in the wrong place. */
const problemOf = (name: string, raw: unknown): string => {
  if (isSettingName(name)) return `is ${show(raw)}, must be ${describeAllowed(rowOf(name))}`;
  const nearest = nearestName(name, settingNames);
  return `is not a setting${nearest === undefined ? '' : `, did you mean '${nearest}'?`}`;
};

const show = (raw: unknown): string => {
  if (raw === null) return 'empty';
  const text = JSON.stringify(raw) ?? String(raw);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};
