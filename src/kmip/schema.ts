// The schema language: a structure is a table of fields from which its decoder, its encoder and its TypeScript type all
// follow. A field's name is the name of its tag. Decoding takes children in any order, passes over tags it does not know
// and fields newer than the message's version, and builds nothing in between; encoding writes fields in table order.

import { EdgeError } from '../errors.ts';
import { type Codec, expectType, type Source } from './codec.ts';
import { ItemType } from './item.ts';
import { headerSize, invalidMessage, itemEnd, lengthAt, maximumDepth, tagAt } from './reader.ts';
import { Tag, type TagName, tagName } from './tags.ts';
import { tooDeep } from './ttlv.ts';
import { V2_0, type Version } from './version.ts';
import type { Writer } from './writer.ts';

/** How often a field may come: exactly once, at most once, any number of times, at least once. */
type Mode = 'one' | 'optional' | 'many' | 'some';

export interface Field<T, M extends Mode> {
  readonly codec: Codec<T>;
  readonly mode: M;
  /** The first version that has this field. */
  readonly since: Version;
  /** How KMIP 2.x has it, where that is different: under another tag, in another form, or not at all. */
  readonly later?: Later;
}

interface Later {
  readonly tag: TagName;
  readonly codec: Codec<unknown>;
  /** True where the codec has all values of a repeated field in one item. */
  readonly whole: boolean;
  /** False where such an item is left out when it holds nothing. */
  readonly always: boolean;
  readonly absent: boolean;
}

/** For fields that were always there: below any version, because a peer may claim to speak 0.9. */
const always: Version = 0;

const field =
  <M extends Mode>(mode: M) =>
  <T>(codec: Codec<T>, since: Version = always): Field<T, M> => ({ codec, mode, since });

/** The version a field came with, for reading: `optional(text, since(V1_4))`. */
export const since = (version: Version): Version => version;

export const one = field('one');
export const optional = field('optional');
export const many = field('many');
export const some = field('some');

const later = (tag: TagName, codec: Codec<unknown>, changes: Partial<Later> = {}): Later => ({
  tag,
  codec,
  whole: false,
  always: true,
  absent: false,
  ...changes,
});

/** A field that KMIP 2.x has under `tag`, in the form of `codec`. */
export const renamed = <T, M extends Mode>(field: Field<T, M>, tag: TagName, codec: Codec<T>): Field<T, M> => ({
  ...field,
  later: later(tag, codec),
});

/** A repeated field whose values KMIP 2.x has in one item, which may be left out where there are none. */
export const gathered = <T, M extends 'many' | 'some'>(
  field: Field<T, M>,
  tag: TagName,
  codec: Codec<readonly T[]>,
  always = true,
): Field<T, M> => ({ ...field, later: later(tag, codec, { whole: true, always }) });

/** A field that KMIP 2.x has no more. */
export const withdrawn = <T, M extends Mode>(field: Field<T, M>): Field<T, M> => ({
  ...field,
  later: later('Attribute', field.codec, { absent: true }),
});

type Fields = Readonly<Record<string, Field<unknown, Mode>>>;
type Names<F extends Fields, M extends Mode> = { [K in keyof F]: F[K]['mode'] extends M ? K : never }[keyof F];
type ValueOf<X> = X extends Field<infer T, Mode> ? T : never;

/** The value of a struct: `optional` fields may be absent or undefined, `many` and `some` are arrays. */
export type StructValue<F extends Fields> = {
  readonly [K in Names<F, 'one'>]: ValueOf<F[K]>;
} & {
  readonly [K in Names<F, 'optional'>]?: ValueOf<F[K]> | undefined;
} & {
  readonly [K in Names<F, 'many' | 'some'>]: readonly ValueOf<F[K]>[];
} extends infer O
  ? { [K in keyof O]: O[K] }
  : never;

/** A field's name has to be the name of a tag: anything else is a compile error. */
type NamedByTags<F extends Fields> = { readonly [K in keyof F]: K extends TagName ? F[K] : never };

interface Row {
  readonly name: string;
  readonly tag: number;
  readonly codec: Codec<unknown>;
  readonly since: Version;
  readonly repeats: boolean;
  readonly required: boolean;
  /** True where absence is an empty list. */
  readonly list: boolean;
  /** True where an empty list is not written. */
  readonly skipsEmpty: boolean;
}

/** The rows of a structure, and each by its tag. */
interface Table {
  readonly rows: readonly Row[];
  readonly byTag: ReadonlyMap<number, Row>;
}

/** As KMIP 1.x has a structure, and as 2.x has it. */
interface Tables {
  readonly first: Table;
  readonly later: Table;
}

const tableOf = (rows: readonly Row[]): Table => ({ rows, byTag: new Map(rows.map((row) => [row.tag, row])) });

/** A structure with these fields. */
export const struct = <const F extends Fields>(fields: F & NamedByTags<F>): Codec<StructValue<F>> => {
  const entries = Object.entries<Field<unknown, Mode>>(fields);
  const first = tableOf(entries.map(toRow));
  const changes = entries.some(([, { later }]) => later !== undefined);
  const tables: Tables = { first, later: changes ? tableOf(entries.flatMap(toLaterRow)) : first };
  return {
    decode: (source, at) => decodeStruct(tables, source, at) as StructValue<F>,
    encode: (writer, tag, value) => encodeStruct(tables, writer, tag, value as Values),
  };
};

type Entry = readonly [name: string, field: Field<unknown, Mode>];

const toRow = ([name, { codec, mode, since }]: Entry): Row => ({
  name,
  tag: Tag[name as TagName],
  codec,
  since,
  repeats: mode === 'many' || mode === 'some',
  required: mode === 'one' || mode === 'some',
  list: mode === 'many' || mode === 'some',
  skipsEmpty: false,
});

const toLaterRow = (entry: Entry): readonly Row[] => {
  const row = toRow(entry);
  const [, { later }] = entry;
  if (!later) return [row];
  const { tag, codec, whole, always, absent } = later;
  if (absent) return [];
  return [{ ...row, tag: Tag[tag], codec, repeats: row.repeats && !whole, skipsEmpty: whole && !always }];
};

type Values = Record<string, unknown>;

const decodeStruct = (tables: Tables, source: Source, at: number): Values => {
  const { bytes } = source;
  const { rows, byTag } = source.version < V2_0 ? tables.first : tables.later;
  expectType(bytes, at, ItemType.Structure);
  if (source.depth >= maximumDepth) throw tooDeep();
  source.depth++;
  const values: Values = {};
  const end = at + headerSize + lengthAt(bytes, at);
  for (let child = at + headerSize; child < end; ) {
    const next = itemEnd(bytes, child, end);
    const row = byTag.get(tagAt(bytes, child));
    if (row !== undefined && row.since <= source.version) keep(values, row, source, child, at);
    child = next;
  }
  source.depth--;
  complete(rows, values, source, at);
  return values;
};

const keep = (values: Values, row: Row, source: Source, child: number, parent: number): void => {
  const before = values[row.name];
  if (row.repeats) {
    if (before === undefined) values[row.name] = [row.codec.decode(source, child)];
    else (before as unknown[]).push(row.codec.decode(source, child));
  } else {
    if (before !== undefined) throw invalidMessage(`${tagName(tagAt(source.bytes, parent))}: ${row.name} comes twice`);
    values[row.name] = row.codec.decode(source, child);
  }
};

/** Gives absent lists their empty value and refuses absent required fields. */
const complete = (rows: readonly Row[], values: Values, source: Source, at: number): void => {
  for (const row of rows) {
    if (values[row.name] !== undefined) continue;
    if (row.required && row.since <= source.version) {
      throw new EdgeError('missing-data', `${tagName(tagAt(source.bytes, at))}: ${row.name} is missing`);
    }
    if (row.list) values[row.name] = [];
  }
};

const encodeStruct = (tables: Tables, writer: Writer, tag: number, values: Values): void => {
  const { rows } = writer.version < V2_0 ? tables.first : tables.later;
  const start = writer.open(tag);
  for (const row of rows) {
    const value = values[row.name];
    if (row.since > writer.version) continue;
    if (value === undefined) {
      if (row.required) throw new EdgeError('internal', `${tagName(tag)}: ${row.name} is missing from what we send`);
    } else if (row.repeats) {
      for (const one of value as readonly unknown[]) row.codec.encode(writer, row.tag, one);
    } else if (!row.skipsEmpty || (value as readonly unknown[]).length > 0) {
      row.codec.encode(writer, row.tag, value);
    }
  }
  writer.close(start);
};
