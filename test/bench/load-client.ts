// The load: a process that asks one server as often as it is told, over so many connections at once, and looks at every
// answer. Connections stay open for the next load on the same server, so that no round pays for their handshakes.

import { readFileSync } from 'node:fs';
import type { ClientFiles } from '../kit/server.ts';
import { Exchange } from './exchange.ts';
import { checkAnswer, checkFound, createRequest, getRequest, locateRequest } from './messages.ts';
import { serveQuestions } from './process.ts';

export interface Target {
  readonly port: number;
  readonly client: ClientFiles;
}

export interface Load extends Target {
  readonly operation: 'Get' | 'Create' | 'Locate';
  /**
   * File of unique identifiers, one a line; Get takes them at random or one after the other, and so does Locate, as names.
   */
  readonly uidFile?: string;
  readonly order?: 'random' | 'in order';
  readonly operations: number;
  /** How many are asking at the same time. */
  readonly connections?: number;
  /** A new connection, hence a new handshake, for each operation. */
  readonly newConnections?: boolean;
}

const prepared = new Map<string, readonly Buffer[]>();

/** The Get requests for all keys of a file, made before the clock runs. */
const requestsOf = (uidFile: string, make: (uid: string) => Buffer): readonly Buffer[] => {
  const key = `${make.name} ${uidFile}`;
  const known = prepared.get(key);
  if (known) return known;
  const requests = readFileSync(uidFile, 'utf8').trim().split('\n').map(make);
  prepared.set(key, requests);
  return requests;
};

const requestSource = ({ operation, uidFile, order }: Load): ((count: number) => Buffer) => {
  const requests =
    operation === 'Create' || uidFile === undefined
      ? [createRequest()]
      : requestsOf(uidFile, operation === 'Get' ? getRequest : locateRequest);
  const at = (index: number): Buffer => requests[index] ?? Buffer.alloc(0);
  if (order === 'random') return () => at(Math.floor(Math.random() * requests.length));
  return (count) => at(count % requests.length);
};

const open = ({ port, client }: Target): Promise<Exchange> => Exchange.open(port, client);

/** By the server's port. */
const kept = new Map<number, readonly Exchange[]>();

const keptConnections = async (target: Target, count: number): Promise<readonly Exchange[]> => {
  const known = kept.get(target.port) ?? [];
  const missing = Array.from({ length: Math.max(0, count - known.length) }, () => open(target));
  const all = [...known, ...(await Promise.all(missing))];
  kept.set(target.port, all);
  return all.slice(0, count);
};

/** Gives the number of operations. */
const run = async (load: Load): Promise<number> => {
  const { operation, operations, connections = 1, newConnections = false } = load;
  const source = requestSource(load);
  let asked = 0;
  const askAll = async (connection: Exchange | undefined): Promise<void> => {
    while (asked < operations) {
      const request = source(asked++);
      const exchange = connection ?? (await open(load));
      const answer = await exchange.send(request);
      if (operation === 'Locate') checkFound(answer);
      else checkAnswer(answer, operation === 'Get' ? 1 : 0);
      if (!connection) exchange.close();
    }
  };
  const askers = newConnections
    ? Array.from({ length: connections }, () => undefined)
    : await keptConnections(load, connections);
  await Promise.all(askers.map(askAll));
  return operations;
};

serveQuestions(run);
