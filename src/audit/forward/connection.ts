// One connection to the collector: messages in their order, and an end from which we know that it has them. Syslog
// acknowledges nothing; but a collector that has read to our end and then closes for its part has read all of it.

import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { EdgeError } from '../../errors.ts';
import { framed } from './message.ts';

export interface CollectorAddress {
  readonly host: string;
  readonly port: number;
  /** PEM; absent: the authorities that Node knows. */
  readonly authority?: string | undefined;
}

export interface CollectorTimes {
  /** Milliseconds: until the handshake is done, until what was written is taken, and until the collector has closed. */
  readonly connect: number;
  readonly take: number;
  readonly end: number;
  /** How long one connection is used. */
  readonly hold: number;
}

export const usualTimes: CollectorTimes = { connect: 10_000, take: 60_000, end: 10_000, hold: 30_000 };

export class CollectorConnection {
  readonly #socket: TLSSocket;
  readonly #times: CollectorTimes;
  readonly #ended: Promise<void>;
  #problem: Error | undefined;
  /** Wakes whoever waits for the socket. */
  #wake: () => void = () => {};

  /** Throws `upstream-unreachable` where the collector is not there, or is not who it should be. */
  static async open(address: CollectorAddress, times: CollectorTimes): Promise<CollectorConnection> {
    const { host, port, authority } = address;
    const socket = connect({
      host,
      port,
      minVersion: 'TLSv1.2',
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(authority === undefined ? {} : { ca: authority }),
    });
    const connection = new CollectorConnection(socket, times);
    await connection.#until('secureConnect', times.connect, 'no answer');
    return connection;
  }

  private constructor(socket: TLSSocket, times: CollectorTimes) {
    this.#socket = socket;
    this.#times = times;
    socket.setKeepAlive(true, 30_000);
    // Nothing is to be read, but the end is seen only by who reads.
    socket.resume();
    socket.on('error', (error) => this.#fail(error));
    this.#ended = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.once('end', () => {
      if (!socket.writableEnded) this.#fail(new Error('the collector closed the connection'));
    });
  }

  /** Resolves when they are on their way. Throws `upstream-unreachable`. */
  async send(messages: readonly Buffer[]): Promise<void> {
    this.#requireOpen();
    if (messages.length === 0) return;
    const taken = this.#socket.write(Buffer.concat(messages.map(framed)));
    if (!taken) await this.#until('drain', this.#times.take, 'the collector takes nothing');
  }

  /** Ends the connection; resolves once the collector has everything. Throws `upstream-unreachable` where it may not. */
  async end(): Promise<void> {
    this.#requireOpen();
    this.#socket.end();
    await Promise.race([this.#ended, this.#until('close', this.#times.end, 'the collector does not close')]);
    this.#requireNoProblem();
  }

  destroy(): void {
    this.#fail(new Error('given up'));
  }

  #fail(error: Error): void {
    this.#problem ??= error;
    this.#socket.destroy();
    this.#wake();
  }

  #until(event: 'secureConnect' | 'drain' | 'close', ms: number, silence: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(new Error(`${silence} in ${ms} ms`)), ms).unref();
      const done = (): void => {
        clearTimeout(timer);
        this.#socket.off(event, done);
        this.#wake = () => {};
        if (this.#problem) reject(unreachable(this.#problem));
        else resolve();
      };
      this.#socket.once(event, done);
      this.#wake = done;
    });
  }

  #requireOpen(): void {
    this.#requireNoProblem();
    if (this.#socket.destroyed) throw unreachable(new Error('the connection is closed'));
  }

  #requireNoProblem(): void {
    if (this.#problem) throw unreachable(this.#problem);
  }
}

const unreachable = (cause: Error): EdgeError => new EdgeError('upstream-unreachable', cause.message, { cause });
