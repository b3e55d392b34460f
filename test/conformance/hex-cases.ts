// The test cases of the KMIP 1.1 test case document, which prints each message as bytes: read into cases as the XML ones are.
// Identifiers that its server gave become placeholders, and its times are moved to now.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Element } from '../../src/kmip/text/elements.ts';
import { readDateTime } from '../../src/kmip/text/values.ts';
import { elementOfItem } from '../../src/kmip/text/xml.ts';
import { decodeItem } from '../../src/kmip/ttlv.ts';
import type { Case, Exchange } from './cases.ts';

const folder = fileURLToPath(new URL('../../../shared/data/oasis-kmip/testcases-v1.1-ttlv', import.meta.url));

/** True where the document is there. */
export const haveHexCases = existsSync(join(folder, 'messages.json'));

interface Message {
  /** Of the document's text. */
  readonly line: number;
  readonly kind: 'request' | 'response';
  readonly hex: string;
}

interface Heading {
  readonly line: number;
  readonly number: string;
  readonly title: string;
}

/** Each case once, from where its messages begin; the table of contents has them all before that. */
const readHeadings = (text: string): readonly Heading[] => {
  const headings = text.split('\n').flatMap((line, index) => {
    const [, number = '', title = ''] = /^(\d+(?:\.\d+)+)\s+Test Case: (.+?)\s*$/.exec(line) ?? [];
    return number === '' ? [] : [{ line: index + 1, number, title }];
  });
  return [...new Map(headings.map((one) => [one.number, one])).values()];
};

/** The cases in the document's order. */
export const readHexCases = (): readonly Case[] => {
  const headings = readHeadings(readFileSync(join(folder, 'kmip-testcases-v1.1.txt'), 'utf8'));
  const messages = JSON.parse(readFileSync(join(folder, 'messages.json'), 'utf8')) as readonly Message[];
  return headings.map(({ line, number, title }, index) => {
    const end = headings[index + 1]?.line ?? Number.POSITIVE_INFINITY;
    return toCase(
      `${number} ${title}`,
      messages.filter((one) => one.line > line && one.line < end),
    );
  });
};

const toCase = (name: string, messages: readonly Message[]): Case => {
  const elements = messages.map(({ kind, hex }) => ({
    kind,
    element: elementOfItem(decodeItem(Buffer.from(hex, 'hex'))),
  }));
  const given = identifiersIn(elements.filter(({ kind }) => kind === 'response').map(({ element }) => element));
  const recorded = timeOf(elements.map(({ element }) => element));
  const exchanges: Exchange[] = [];
  let request: Element | undefined;
  for (const { kind, element } of elements) {
    const ours = translated(element, given, recorded);
    if (kind === 'request') request = ours;
    else if (request) {
      exchanges.push({ request, response: ours });
      request = undefined;
    }
  }
  if (exchanges.length === 0) throw new Error(`${name} holds no exchange`);
  return { name, profile: 'TC', version: '1.1', mandatory: false, exchanges };
};

const all = (element: Element): readonly Element[] => [element, ...element.children.flatMap(all)];

/** What the server called its objects, each with a placeholder. */
const identifiersIn = (responses: readonly Element[]): ReadonlyMap<string, string> => {
  const values = responses
    .flatMap(all)
    .filter(({ name }) => name.endsWith('UniqueIdentifier'))
    .flatMap(({ attributes: { value } }) => (value === undefined ? [] : [value]));
  return new Map([...new Set(values)].map((value, index) => [value, `$UNIQUE_IDENTIFIER_${index}`]));
};

/** When the case was recorded. */
const timeOf = (messages: readonly Element[]): bigint => {
  const stamp = messages.flatMap(all).find(({ name }) => name === 'TimeStamp')?.attributes.value;
  if (stamp === undefined) throw new Error('no answer has a time');
  return readDateTime(stamp);
};

const translated = (element: Element, given: ReadonlyMap<string, string>, recorded: bigint): Element => {
  const { attributes, children } = element;
  const { type, value } = attributes;
  const ours = (): string | undefined => {
    if (value === undefined) return undefined;
    return type === 'DateTime' ? sinceNow(readDateTime(value) - recorded) : given.get(value);
  };
  const next = ours();
  return {
    ...element,
    attributes: next === undefined ? attributes : { ...attributes, value: next },
    children: children.map((child) => translated(child, given, recorded)),
  };
};

/** As a placeholder, of seconds. */
const sinceNow = (offset: bigint): string => `$NOW${offset < 0n ? '' : '+'}${offset}`;
