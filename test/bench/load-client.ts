// The load: a process that asks one server as often as it is told, over so many connections at once, and looks at every
// answer.

import { readFileSync } from 'node:fs';
import type { ClientFiles } from '../kit/server.ts';
import { Exchange } from './exchange.ts';
import { checkAnswer, createRequest, getRequest } from './messages.ts';
import { serveQuestions } from './process.ts';

export interface Target {
  readonly port: number;
  readonly client: ClientFiles;
}

export interface Load extends Target {
  readonly operation: 'Get' | 'Create';
  /** File of unique identifiers, one a line; Get takes them at random or one after the other. */
  readonly uidFile?: string;
  readonly order?: 'random' | 'in order';
  readonly operations: number;
  /** How many are asking at the same time. */
  readonly connections?: number;
  /** A new connection, hence a new handshake, for each operation. */
  readonly newConnections?: boolean;
}

export interface LoadAnswer {
  readonly operations: number;
  readonly wallMicroseconds: number;
}

const prepared = new Map<string, readonly Buffer[]>();

/** The Get requests for all keys of a file, made before the clock runs. */
const requestsOf = (uidFile: string): readonly Buffer[] => {
  const known = prepared.get(uidFile);
  if (known) return known;
  const requests = readFileSync(uidFile, 'utf8').trim().split('\n').map(getRequest);
  prepared.set(uidFile, requests);
  return requests;
};

const requestSource = ({ operation, uidFile, order }: Load): ((count: number) => Buffer) => {
  const requests = operation === 'Create' || uidFile === undefined ? [createRequest()] : requestsOf(uidFile);
  const at = (index: number): Buffer => requests[index] ?? Buffer.alloc(0);
  if (order === 'random') return () => at(Math.floor(Math.random() * requests.length));
  return (count) => at(count % requests.length);
};

const run = async (load: Load): Promise<LoadAnswer> => {
  const { operation, operations, connections = 1, newConnections = false } = load;
  const source = requestSource(load);
  let asked = 0;
  const askAll = async (kept: Exchange | undefined): Promise<void> => {
    while (asked < operations) {
      const request = source(asked++);
      const exchange = kept ?? (await Exchange.open(load.port, load.client));
      checkAnswer(await exchange.send(request), operation === 'Get');
      if (!kept) exchange.close();
    }
  };
  const open = (): Promise<Exchange> => Exchange.open(load.port, load.client);
  const kept = newConnections ? [] : await Promise.all(Array.from({ length: connections }, open));
  const began = performance.now();
  await Promise.all(newConnections ? Array.from({ length: connections }, () => askAll(undefined)) : kept.map(askAll));
  const wallMicroseconds = (performance.now() - began) * 1000;
  for (const exchange of kept) exchange.close();
  return { operations, wallMicroseconds };
};

serveQuestions(run);
