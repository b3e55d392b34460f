// Messages of others that lie beside the checkout and are not part of it: the OASIS test cases and recorded traffic of
// VMware's client. A folder that is there and empty is an error, so that no test passes for want of messages.

import { existsSync, readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../../../shared/data/', import.meta.url);

export interface SharedMessage {
  readonly name: string;
  readonly kind: 'request' | 'response';
  readonly bytes: Buffer;
}

/** True where the shared messages can be read. */
export const haveShared = existsSync(folder);

const readJson = (path: string): unknown => JSON.parse(readFileSync(new URL(path, folder), 'utf8'));

const found = <T>(what: string, list: readonly T[]): readonly T[] => {
  if (list.length === 0) throw new Error(`no ${what} in ${folder.pathname}`);
  return list;
};

interface OasisMessage {
  readonly line: number;
  readonly kind: 'request' | 'response';
  readonly hex: string;
}

export const oasisMessages = (): readonly SharedMessage[] => {
  const list = readJson('oasis-kmip/testcases-v1.1-ttlv/messages.json') as readonly OasisMessage[];
  const messages = list.map(({ line, kind, hex }) => ({ name: `line ${line}`, kind, bytes: Buffer.from(hex, 'hex') }));
  return found('OASIS messages', messages);
};

interface Exchange {
  readonly ops: readonly string[];
  readonly request: string;
  readonly response: string;
}

const namedMessages = (list: Readonly<Record<string, string>>): readonly SharedMessage[] =>
  Object.entries(list).map(([name, hex]) => ({
    name,
    kind: name.endsWith('_request') ? 'request' : 'response',
    bytes: Buffer.from(hex, 'hex'),
  }));

const pairedMessages = (list: readonly Exchange[]): readonly SharedMessage[] =>
  list.flatMap(({ ops, request, response }, at) => [
    { name: `${at} ${ops.join('+')} request`, kind: 'request' as const, bytes: Buffer.from(request, 'hex') },
    { name: `${at} ${ops.join('+')} response`, kind: 'response' as const, bytes: Buffer.from(response, 'hex') },
  ]);

/** Every recording in vcenter/: a file is either an object of named messages or a list of exchanges. */
export const vcenterMessages = (): readonly SharedMessage[] => {
  const files = readdirSync(new URL('vcenter/', folder)).filter((name) => name.endsWith('.json'));
  const messages = files.flatMap((file) => {
    const content = readJson(`vcenter/${file}`);
    return Array.isArray(content) ? pairedMessages(content) : namedMessages(content as Record<string, string>);
  });
  return found('recorded messages', messages);
};

export const sharedMessages = (): readonly SharedMessage[] => [...oasisMessages(), ...vcenterMessages()];

/** The text of every OASIS profile test case. */
export const profileTexts = (): readonly string[] => {
  const files = readdirSync(new URL('oasis-kmip/profiles/', folder), { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((name) => name.endsWith('.xml'))
    .map((name) => readFileSync(new URL(`oasis-kmip/profiles/${name}`, folder), 'utf8'));
  return found('profile test cases', texts);
};
