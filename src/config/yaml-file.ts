// The config file as YAML: a bounded read, no aliases, and groups flattened to dotted names. It knows nothing about which
// settings exist.

import { createReadStream } from 'node:fs';
import { EdgeError, messageOf } from '../errors.ts';
import type { RawSettings } from './validate.ts';

/** Longest config file that is read. */
export const maximumFileSize = 256 * 1024;

/** The settings in a YAML file, raw, by dotted name. */
export const readYamlFile = async (path: string): Promise<RawSettings> =>
  readYamlText(path, await readConfigText(path));

/** The same for the text of one; `path` is for messages. */
export const readYamlText = async (path: string, text: string): Promise<RawSettings> =>
  flatten(path, await parse(path, text));

const refused = (path: string, problem: string, cause?: unknown): EdgeError =>
  new EdgeError('invalid-field', `${path}: ${problem}`, {
    hint: 'the config template shows the form of the file',
    cause,
  });

/** The text of a config file. Throws `missing-data` where it cannot be read, `invalid-field` where it is too long or no text. */
export const readConfigText = async (path: string): Promise<string> => {
  const bytes = await readAtMost(path, maximumFileSize + 1);
  if (bytes.length > maximumFileSize) throw refused(path, `is longer than the ${maximumFileSize} bytes allowed`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw refused(path, 'is not UTF-8 text', error);
  }
};

/** Stops early, so that naming a device or a huge file by mistake costs nothing. */
const readAtMost = async (path: string, bytes: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(path, { end: bytes - 1 })) chunks.push(chunk);
  } catch (error) {
    throw new EdgeError('missing-data', `config file ${path} cannot be read: ${messageOf(error)}`, {
      hint: 'check the path and the permissions',
      cause: error,
    });
  }
  return Buffer.concat(chunks);
};

const parse = async (path: string, text: string): Promise<unknown> => {
  const { parseDocument, visit } = await import('yaml');
  try {
    const document = parseDocument(text, { logLevel: 'error' });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw problem;
    // A few lines of nested aliases can stand for gigabytes, and no setting needs one.
    visit(document, {
      Alias: () => {
        throw new Error('aliases are not allowed');
      },
    });
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    // The rest of the message repeats the lines of the file.
    throw refused(path, `is not valid YAML: ${messageOf(error).split('\n')[0]?.replace(/:$/, '')}`, error);
  }
};

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `kmip: { listen: … }` becomes `kmip.listen`. A group without settings stays, with the value null. */
const flatten = (path: string, root: unknown): RawSettings => {
  if (root === null || root === undefined) return {};
  if (!isMapping(root)) throw refused(path, 'must hold groups of settings, such as kmip');
  const entries = Object.entries(root).flatMap(([group, value]): readonly (readonly [string, unknown])[] =>
    isMapping(value) ? Object.entries(value).map(([name, raw]) => [`${group}.${name}`, raw]) : [[group, value]],
  );
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw refused(path, `${twice} is given twice`);
  return Object.fromEntries(entries);
};
