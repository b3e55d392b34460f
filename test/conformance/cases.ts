// The OASIS profile test cases that lie beside the checkout: requests and answers in XML, with placeholders for what is
// different in every run. Each file is one case; its name says profile, whether it is mandatory, number and version.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Element, readElements } from '../../src/kmip/text/elements.ts';

/** Where the cases are when they are here. */
export const casesFolder = fileURLToPath(new URL('../../../shared/data/oasis-kmip/profiles', import.meta.url));

/** True where the folder is there. */
export const haveCases = existsSync(casesFolder);

export interface Exchange {
  readonly request: Element;
  readonly response: Element;
}

export interface Case {
  readonly name: string;
  /** As the files write it: SKLC, CS-BC, MSGENC-XML. */
  readonly profile: string;
  /** "1.3". */
  readonly version: string;
  readonly mandatory: boolean;
  readonly exchanges: readonly Exchange[];
}

/** SKFF-M-1-13, CS-BC-M-4-12-3DES-13, AX-M-1-21: the last number is the version. */
const namePattern = /^([A-Z0-9_]+(?:-[A-Z]+)*?)-([MO])-.*?-?(\d)(\d)$/;

/** All cases below `folder`, each name once: some optional ones are published among the mandatory ones too. */
export const readCases = (folder: string = casesFolder): readonly Case[] => {
  const paths = globSync('**/*.xml', { cwd: folder }).toSorted();
  const byName = new Map(paths.map((path) => [basename(path, '.xml'), join(folder, path)]));
  return [...byName].map(([name, path]) => readCase(name, readFileSync(path, 'utf8')));
};

const readCase = (name: string, text: string): Case => {
  const [, profile = name, kind, major = '0', minor = '0'] = namePattern.exec(name) ?? [];
  // Times of messages stand between them as text in some editions.
  const messages = readElements(text, { ignoreText: true }).children;
  const requests = messages.filter((message) => message.name === 'RequestMessage');
  const responses = messages.filter((message) => message.name === 'ResponseMessage');
  const exchanges = requests.flatMap((request, index) => {
    const response = responses[index];
    return response ? [{ request, response }] : [];
  });
  if (exchanges.length === 0) throw new Error(`${name} holds no exchange`);
  return { name, profile, version: `${major}.${minor}`, mandatory: kind === 'M', exchanges };
};
