// The schema language: a structure is a table of fields from which its decoder, its encoder and its TypeScript type all
// follow. A field's name is the name of its tag. Decoding takes children in any order, passes over tags it does not know
// and fields newer than the message's version, and builds nothing in between; encoding writes fields in table order.

import { EdgeError } from '../errors.ts';
import { type Codec, expectType, type Source } from './codec.ts';
import { ItemType } from './item.ts';
import { headerSize, invalidMessage, itemEnd, lengthAt, maximumDepth, tagAt } from './reader.ts';
import { Tag, type TagName, tagName } from './tags.ts';
import { tooDeep } from './ttlv.ts';
import type { Version } from './version.ts';
import type { Writer } from './writer.ts';

/** How often a field may come: exactly once, at most once, any number of times, at least once. */
type Mode = 'one' | 'optional' | 'many' | 'some';

export interface Field<T, M extends Mode> {
  readonly codec: Codec<T>;
  readonly mode: M;
  /** The first version that has this field. */
  readonly since: Version;
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
}

/** A structure with these fields. */
export const struct = <const F extends Fields>(fields: F & NamedByTags<F>): Codec<StructValue<F>> => {
  const rows = Object.entries<Field<unknown, Mode>>(fields).map(toRow);
  const byTag: ReadonlyMap<number, Row> = new Map(rows.map((row) => [row.tag, row]));
  return {
    decode: (source, at) => decodeStruct(rows, byTag, source, at) as StructValue<F>,
    encode: (writer, tag, value) => encodeStruct(rows, writer, tag, value as Values),
  };
};

const toRow = ([name, { codec, mode, since }]: readonly [string, Field<unknown, Mode>]): Row => ({
  name,
  tag: Tag[name as TagName],
  codec,
  since,
  repeats: mode === 'many' || mode === 'some',
  required: mode === 'one' || mode === 'some',
});

type Values = Record<string, unknown>;

const decodeStruct = (rows: readonly Row[], byTag: ReadonlyMap<number, Row>, source: Source, at: number): Values => {
  const { bytes } = source;
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
    if (row.repeats) values[row.name] = [];
  }
};

const encodeStruct = (rows: readonly Row[], writer: Writer, tag: number, values: Values): void => {
  const start = writer.open(tag);
  for (const row of rows) {
    const value = values[row.name];
    if (row.since > writer.version) continue;
    if (value === undefined) {
      if (row.required) throw new EdgeError('internal', `${tagName(tag)}: ${row.name} is missing from what we send`);
    } else if (row.repeats) {
      for (const one of value as readonly unknown[]) row.codec.encode(writer, row.tag, one);
    } else {
      row.codec.encode(writer, row.tag, value);
    }
  }
  writer.close(start);
};
