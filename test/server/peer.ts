// A peer below KMIP: a TLS connection that sends any bytes and takes whole messages out of what comes back.

import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { ExecutionContext } from 'ava';
import { FrameReader } from '../../src/kmip/frame.ts';
import { Tag } from '../../src/kmip/tags.ts';

type Owner = Pick<ExecutionContext, 'teardown'>;

export class Peer {
  readonly socket: TLSSocket;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #frames = new FrameReader({ rootTag: Tag.ResponseMessage, maximum: 64 * 1024 * 1024 });
  readonly #messages: Buffer[] = [];
  #waiting: ((message: Buffer | undefined) => void) | undefined;
  #isClosed = false;

  constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#isClosed = true;
        this.#hand(undefined);
        resolve();
      });
    });
  }

  /** The next message, or undefined once the connection is closed. */
  next(): Promise<Buffer | undefined> {
    const message = this.#messages.shift();
    if (message || this.#isClosed) return Promise.resolve(message);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Sends bytes and waits for the message that they bring, or for the end. */
  ask(bytes: Buffer): Promise<Buffer | undefined> {
    this.socket.write(bytes);
    return this.next();
  }

  #receive(chunk: Buffer): void {
    this.#frames.push(chunk);
    for (let message = this.#frames.next(); message; message = this.#frames.next()) {
      if (this.#waiting) this.#hand(message);
      else this.#messages.push(message);
    }
  }

  #hand(message: Buffer | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(message);
  }
}

/** How a peer connects; `localAddress` is another of the loopback addresses. */
export type PeerOptions = ConnectionOptions & { readonly localAddress?: string };

/** Opens a TLS connection, whatever certificate the server shows. Throws where the handshake fails. */
export const openPeer = (t: Owner, port: number, options: PeerOptions = {}): Promise<Peer> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
    socket.setNoDelay(true);
    t.teardown(() => socket.destroy());
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('closed before the handshake was over')));
    socket.once('secureConnect', () => resolve(new Peer(socket)));
  });

/** Opens a TCP connection that says nothing. */
export const openSilent = (t: Owner, port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connectTcp({ host: '127.0.0.1', port });
    t.teardown(() => socket.destroy());
    socket.on('error', reject);
    socket.once('connect', () => resolve(socket));
  });

/** Resolves with true when the server ends the connection within `ms`, with false where it does not. */
export const endsWithin = (socket: Socket, ms: number): Promise<boolean> =>
  new Promise((resolve) => {
    if (socket.destroyed) return resolve(true);
    const timer = setTimeout(() => resolve(false), ms);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(true);
    });
    socket.resume();
  });

/** Writes, and waits a while for room where there was none; false where none came. */
export const taken = (socket: Socket, bytes: Buffer): Promise<boolean> =>
  new Promise((resolve) => {
    if (socket.write(bytes)) return resolve(true);
    const timer = setTimeout(() => resolve(false), 500);
    socket.once('drain', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
