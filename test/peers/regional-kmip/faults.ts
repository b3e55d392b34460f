// Faults on demand: what goes wrong with the next requests, and how each fault is played on a connection.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { responseOf } from './messages.ts';
import { type OperationName, tags } from './tags.ts';
import { child, children, encode, enumeration, type Node, structure, text } from './ttlv.ts';

/** Each name says whether the request is executed and what the client sees of it. */
export const plainFaults = [
  'cut-before',
  'cut-after',
  'cut-middle',
  'hang',
  'hang-after',
  'garbage',
  'oversized',
  'other-object',
  'other-operation',
  'other-batch-id',
  'two-items',
  'newer-version',
  'surplus',
] as const;

export type Fault =
  | { readonly kind: (typeof plainFaults)[number] }
  /** Executed at once, answered after `ms`. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Executed only after `ms`, whether the client is still there or not. */
  | { readonly kind: 'late'; readonly ms: number }
  | { readonly kind: 'refuse'; readonly reason: number; readonly message?: string }
  /** Executed; the right answer is replaced by what `with` makes of it. */
  | { readonly kind: 'tamper'; readonly with: (answer: Buffer) => Buffer };

export interface FaultScope {
  /** `all` leaves Discover Versions alone. Default `all`. */
  readonly on?: OperationName | 'all';
  /** How many requests it strikes. Default: until it is cleared. */
  readonly times?: number;
}

export class Faults {
  #active: { readonly fault: Fault; readonly on: OperationName | 'all'; left: number }[] = [];

  /** The newest fault counts. Gives the way to take it back. */
  add(fault: Fault, { on = 'all', times = Number.POSITIVE_INFINITY }: FaultScope = {}): () => void {
    const entry = { fault, on, left: times };
    this.#active = [entry, ...this.#active];
    return () => {
      this.#active = this.#active.filter((other) => other !== entry);
    };
  }

  clear(): void {
    this.#active = [];
  }

  next(operation: OperationName | undefined): Fault | undefined {
    const fits = (on: string): boolean => on === operation || (on === 'all' && operation !== 'DiscoverVersions');
    const entry = this.#active.find(({ on, left }) => left > 0 && fits(on));
    if (entry === undefined) return undefined;
    entry.left -= 1;
    return entry.fault;
  }
}

export interface Play {
  readonly socket: TLSSocket;
  /** Executes the request, once. */
  readonly execute: () => Node;
  readonly refuse: (reason: number, message: string) => Node;
}

/** `answer` with the first item of each tag replaced, wherever it is. */
const replace = (node: Node, tag: number, by: (old: Node) => Node): Node => {
  if (node.tag === tag) return by(node);
  if (!Array.isArray(node.value)) return node;
  return { ...node, value: node.value.map((inner: Node) => replace(inner, tag, by)) };
};

const itemsOf = (answer: Node): readonly Node[] => children(answer, tags.batchItem);

/** Answers that look right and are not. */
const twisted: Readonly<Record<string, (answer: Node) => Node>> = {
  'other-object': (answer) =>
    replace(answer, tags.uniqueIdentifier, () => text(tags.uniqueIdentifier, '6f1e3a52-0000-4000-8000-1234567890ab')),
  'other-operation': (answer) => replace(answer, tags.operation, () => enumeration(tags.operation, 0x18)),
  'other-batch-id': (answer) =>
    replace(answer, tags.uniqueBatchItemId, (old) => ({ ...old, value: Buffer.from('another!') })),
  'two-items': (answer) => responseOf(104, [...itemsOf(answer), ...itemsOf(answer)]),
  'newer-version': (answer) =>
    structure(
      answer.tag,
      ...[child(answer, tags.responseHeader)].map(
        (header) => header && replace(header, tags.protocolVersionMajor, (old) => ({ ...old, value: 2 })),
      ),
      ...itemsOf(answer),
    ),
};

const oversized = (): Buffer => {
  const bytes = Buffer.alloc(3 * 1024 * 1024);
  bytes.writeUInt32BE(0x42007b01, 0);
  bytes.writeUInt32BE(bytes.length - 8, 4);
  return bytes;
};

const sendAndCut = (socket: TLSSocket, bytes: Buffer): void => void socket.write(bytes, () => socket.destroy());

const never = (socket: TLSSocket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });

type Player = (play: Play) => void | Promise<void>;

const players: Readonly<Record<string, Player>> = {
  'cut-before': ({ socket }) => void socket.destroy(),
  'cut-after': ({ socket, execute }) => {
    execute();
    socket.destroy();
  },
  'cut-middle': ({ socket, execute }) => {
    const bytes = encode(execute());
    sendAndCut(socket, bytes.subarray(0, bytes.length / 2));
  },
  hang: ({ socket }) => never(socket),
  'hang-after': ({ socket, execute }) => {
    execute();
    return never(socket);
  },
  garbage: ({ socket, execute }) => {
    execute();
    socket.write(randomBytes(333));
  },
  oversized: ({ socket, execute }) => {
    execute();
    socket.write(oversized());
  },
  surplus: ({ socket, execute }) => {
    const bytes = encode(execute());
    socket.write(Buffer.concat([bytes, bytes]));
  },
};

/** Answers a request with a fault. Resolves when the next request of the connection may be looked at. */
export const playFault = async (fault: Fault, play: Play): Promise<void> => {
  const { socket, execute, refuse } = play;
  if (fault.kind === 'refuse') return void socket.write(encode(refuse(fault.reason, fault.message ?? 'as was asked')));
  if (fault.kind === 'tamper') return void socket.write(fault.with(encode(execute())));
  if (fault.kind === 'slow' || fault.kind === 'late') {
    const answer = fault.kind === 'slow' ? execute() : undefined;
    await sleep(fault.ms, undefined, { ref: false });
    return void (socket.destroyed && answer ? undefined : socket.write(encode(answer ?? execute())));
  }
  const twist = twisted[fault.kind];
  if (twist !== undefined) return void socket.write(encode(twist(execute())));
  return players[fault.kind]?.(play);
};
