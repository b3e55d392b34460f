// One mutual-TLS connection. Requests are answered in their order, so several may be outstanding; that holds only while
// every answer is accounted for. A late, surplus or unbelievable answer therefore ends the connection and everything
// outstanding on it.

import type { TLSSocket } from 'node:tls';
import type { Cancel, Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { FrameReader } from '../../kmip/frame.ts';
import { Tag } from '../../kmip/tags.ts';
import { V1_4, type Version } from '../../kmip/version.ts';
import type { Exchange } from './exchange.ts';
import { LinkError, linkErrorOf } from './link-errors.ts';
import { quote } from './quote.ts';
import { Refusal } from './refusal.ts';

/** The largest answer that is read. */
export const maximumAnswer = 1024 * 1024;

interface Waiting {
  readonly operation: string;
  /** Throws what makes the answer unbelievable. */
  take(message: Buffer): void;
  fail(error: LinkError): void;
  readonly cancel: Cancel;
}

export interface ConnectionOptions {
  /** Connected, and its certificate trusted. */
  readonly socket: TLSSocket;
  readonly peer: string;
  readonly clock: Clock;
}

export class Connection {
  readonly #socket: TLSSocket;
  readonly #peer: string;
  readonly #clock: Clock;
  readonly #frames = new FrameReader({ rootTag: Tag.ResponseMessage, maximum: maximumAnswer });
  readonly #waiting: Waiting[] = [];
  #version: Version = V1_4;
  #count = 0;
  #ended: LinkError | undefined;
  #onEnd: ((error: LinkError) => void) | undefined;

  constructor({ socket, peer, clock }: ConnectionOptions) {
    this.#socket = socket;
    this.#peer = peer;
    this.#clock = clock;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#end(linkErrorOf(peer, error, true)));
    socket.on('close', () => this.#end(this.#closedByPeer()));
  }

  get version(): Version {
    return this.#version;
  }

  /** From here on requests are sent in this version. */
  agree(version: Version): void {
    this.#version = version;
  }

  get outstanding(): number {
    return this.#waiting.length;
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Calls `act` once when the connection has ended, with the reason. */
  onEnd(act: (error: LinkError) => void): void {
    if (this.#ended === undefined) this.#onEnd = act;
    else act(this.#ended);
  }

  /** Sends one request and waits `ms` for its answer. Throws a `Refusal`, a `LinkError`, or what encoding throws. */
  async run<T>(exchange: Exchange<T>, ms: number): Promise<T> {
    if (this.#ended !== undefined) throw new LinkError(this.#ended.message, false, { cause: this.#ended });
    const asked = { version: this.#version, id: this.#nextId() };
    const message = exchange.encode(asked);
    return await new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        operation: exchange.operation,
        take: (answer) => settle(() => exchange.read(answer, asked), resolve, reject),
        fail: reject,
        cancel: this.#clock.after(ms, () => this.#end(this.#late(exchange.operation, ms))),
      });
      this.#socket.write(message);
    });
  }

  close(): void {
    this.#end(new LinkError(`the connection to ${this.#peer} was closed by us`, true));
  }

  /** Unique on this connection, so that an answer to another request shows. */
  #nextId(): Buffer {
    const id = Buffer.alloc(8);
    id.writeUInt32BE(++this.#count, 4);
    return id;
  }

  #receive(chunk: Buffer): void {
    if (this.#ended !== undefined) return;
    let operation = 'nothing';
    try {
      this.#frames.push(chunk);
      for (let message = this.#frames.next(); message; message = this.#frames.next()) {
        operation = this.#waiting[0]?.operation ?? 'nothing';
        this.#answer(message);
      }
      operation = this.#waiting[0]?.operation ?? 'nothing';
      if (this.#frames.pending && this.#waiting.length === 0) throw new Error('bytes that nobody asked for');
    } catch (error) {
      const problem = `the answer of ${this.#peer} to ${operation} cannot be believed: ${quote(messageOf(error))}`;
      this.#end(new LinkError(problem, true, { hint: 'check that the address is a KMIP endpoint', cause: error }));
    }
  }

  #answer(message: Buffer): void {
    const [first] = this.#waiting;
    if (first === undefined) throw new Error('an answer that nobody asked for');
    first.take(message);
    first.cancel();
    this.#waiting.shift();
  }

  #late(operation: string, ms: number): LinkError {
    return new LinkError(`${this.#peer} did not answer ${operation} in ${Math.round(ms)} ms`, true, {
      hint: 'check the network, and the status page of the region',
    });
  }

  #closedByPeer(): LinkError {
    return new LinkError(`${this.#peer} closed the connection`, true, {
      hint: 'check that our client certificate is uploaded there; a new one can take five minutes',
    });
  }

  #end(error: LinkError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.#socket.destroy();
    for (const waiting of this.#waiting.splice(0)) {
      waiting.cancel();
      waiting.fail(error);
    }
    this.#onEnd?.(error);
  }
}

/** A refusal is an answer like any other; what else `read` throws is the connection's end, and rethrown. */
const settle = <T>(read: () => T, resolve: (value: T) => void, reject: (error: Refusal) => void): void => {
  try {
    resolve(read());
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    reject(error);
  }
};
