// A recovery export's content: lines of JSON, the first about the whole, then one for each key with all its attributes and
// its bytes, the last one a count, without which something is missing. It exists encrypted alone. The text of key bytes
// cannot be wiped in JavaScript, and is short-lived.

import { createSecretKey, type KeyObject } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import { hasItsLength } from '../keys/new-object.ts';
import type { KeptAttribute, ManagedObject } from '../keys/object.ts';

/** Of the form of the lines; a newer one is refused. */
const exportFormat = 1;
const what = 'kmip-edge keys of one service instance';
/** A key with the longest list of attributes that a request can bring is shorter. */
export const longestLine = 16 * 1024 * 1024;

export interface ExportHeader {
  readonly instance: string;
  readonly upstream: string;
  /** ISO 8601. */
  readonly exportedAt: string;
}

/** One key; `material` is absent for a destroyed one. */
export interface ExportedKey {
  readonly object: Omit<ManagedObject, 'instanceId' | 'upstreamId' | 'wrapped' | 'sealed' | 'missingSince'>;
  readonly attributes: readonly KeptAttribute[];
  readonly material?: KeyObject | undefined;
}

export type ExportLine = { readonly header: ExportHeader } | { readonly key: ExportedKey } | { readonly keys: number };

const lineOf = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);

export const headerLine = (header: ExportHeader): Buffer => lineOf({ what, format: exportFormat, ...header });
export const endLine = (keys: number): Buffer => lineOf({ end: true, keys });

export const keyLine = ({ object, attributes, material }: ExportedKey): Buffer => {
  const { uid, objectType, cryptographicAlgorithm, cryptographicLength, cryptographicUsageMask } = object;
  const bytes = material?.export();
  const line = lineOf({
    uid,
    objectType,
    cryptographicAlgorithm,
    cryptographicLength,
    cryptographicUsageMask,
    ...Object.fromEntries(dateNames.flatMap((name) => (object[name] === undefined ? [] : [[name, object[name]]]))),
    fresh: object.fresh,
    revocationReason: object.revocationReason,
    attributes: attributes.map(({ name, index, value }) => [name, index, value.toString('base64')]),
    material: bytes?.toString('base64'),
  });
  bytes?.fill(0);
  return line;
};

/** Reads one line. Throws `data-damaged` for what none of the above wrote, `feature-not-supported` for a newer form. */
export const readLine = (line: Buffer): ExportLine => {
  const value = parse(line);
  if (value['what'] === what) return { header: readHeader(value) };
  if (value['end'] === true && isCount(value['keys'])) return { keys: value['keys'] };
  return { key: readKey(value) };
};

type Fields = Readonly<Record<string, unknown>>;

const dateNames = [
  'initialDate',
  'activationDate',
  'processStartDate',
  'protectStopDate',
  'deactivationDate',
  'destroyDate',
  'compromiseOccurrenceDate',
  'compromiseDate',
  'archiveDate',
  'lastChangeDate',
] as const;

const damaged = (problem: string): EdgeError =>
  new EdgeError('data-damaged', `this is not a recovery export of kmip-edge: ${problem}`);

const parse = (line: Buffer): Fields => {
  try {
    const value: unknown = JSON.parse(line.toString());
    if (typeof value === 'object' && value !== null) return value as Fields;
  } catch {
    // The text of what is wrong could hold key bytes.
  }
  throw damaged('a line is not JSON');
};

const readHeader = (value: Fields): ExportHeader => {
  const { format, instance, upstream, exportedAt } = value;
  if (isCount(format) && format > exportFormat) {
    throw new EdgeError(
      'feature-not-supported',
      `the export has format ${format}, this program knows ${exportFormat}`,
      {
        hint: 'it was made by a newer kmip-edge: import it with that one',
      },
    );
  }
  if (typeof instance === 'string' && typeof upstream === 'string' && typeof exportedAt === 'string') {
    return { instance, upstream, exportedAt };
  }
  throw damaged('its first line is incomplete');
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const countIn = (value: Fields, name: string): number => {
  const count = value[name];
  if (isCount(count)) return count;
  throw damaged(`a key has no ${name}`);
};

const readKey = (value: Fields): ExportedKey => {
  const { uid, material } = value;
  if (typeof uid !== 'string' || uid === '' || uid.length > 255) throw damaged('a key has no identifier');
  const dates = Object.fromEntries(
    dateNames.flatMap((name) => (value[name] === undefined ? [] : [[name, countIn(value, name)]])),
  );
  const object = {
    uid,
    objectType: countIn(value, 'objectType'),
    cryptographicAlgorithm: countIn(value, 'cryptographicAlgorithm'),
    cryptographicLength: countIn(value, 'cryptographicLength'),
    cryptographicUsageMask: countIn(value, 'cryptographicUsageMask'),
    initialDate: countIn(value, 'initialDate'),
    lastChangeDate: countIn(value, 'lastChangeDate'),
    ...dates,
    ...(typeof value['fresh'] === 'boolean' ? { fresh: value['fresh'] } : {}),
    ...revocationIn(value),
  };
  const key = { object, attributes: attributesIn(value) };
  const destroyed = value['destroyDate'] !== undefined;
  if (destroyed && material === undefined) return key;
  if (destroyed || typeof material !== 'string') throw damaged(`key '${uid}' has no material, or should have none`);
  return { ...key, material: materialOf(object, material) };
};

const materialOf = (object: ExportedKey['object'], text: string): KeyObject => {
  const bytes = Buffer.from(text, 'base64');
  try {
    if (bytes.length === 0 || !hasItsLength(object, bytes.length)) {
      throw damaged(`key '${object.uid}' has another length than it says`);
    }
    return createSecretKey(bytes);
  } finally {
    bytes.fill(0);
  }
};

const revocationIn = ({ revocationReason: reason }: Fields): Pick<ManagedObject, 'revocationReason'> => {
  if (typeof reason !== 'object' || reason === null) return {};
  const { code, message } = reason as Fields;
  if (!isCount(code)) throw damaged('a revocation has no reason');
  return { revocationReason: typeof message === 'string' ? { code, message } : { code } };
};

const attributesIn = ({ attributes }: Fields): readonly KeptAttribute[] => {
  if (!Array.isArray(attributes)) throw damaged('a key has no attributes');
  return attributes.map((one: unknown) => {
    const [name, index, value] = Array.isArray(one) ? (one as readonly unknown[]) : [];
    if (typeof name !== 'string' || !isCount(index) || typeof value !== 'string') {
      throw damaged('an attribute is incomplete');
    }
    return { name, index, value: Buffer.from(value, 'base64') };
  });
};
