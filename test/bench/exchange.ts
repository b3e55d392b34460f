// A client connection that only counts: it sends bytes and waits for a whole answer. Cheaper than the server it measures.

import { connect, type TLSSocket } from 'node:tls';
import type { ClientFiles } from '../kit/server.ts';

/** Bytes before the value of a KMIP message; its length is in the last four of them. */
const headerSize = 8;
const patience = 20_000;

/** True when `bytes` begins with a whole message. */
export const isWhole = (bytes: Buffer): boolean =>
  bytes.length >= headerSize && bytes.length >= headerSize + bytes.readUInt32BE(4);

export class Exchange {
  readonly #socket: TLSSocket;
  #received = Buffer.alloc(0);
  #waiting: { resolve(answer: Buffer): void; reject(error: Error): void } | undefined;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.setTimeout(patience, () => this.#waiting?.reject(new Error(`no answer in ${patience} ms`)));
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.once('close', () => this.#waiting?.reject(new Error('the server closed the connection')));
  }

  /** A full handshake: no session is kept. */
  static open(port: number, client: ClientFiles): Promise<Exchange> {
    return new Promise((resolve, reject) => {
      const { certificate: cert, privateKey: key } = client;
      // Like vCenter it sends its own certificate alone: told of the authority, Node would send that one too, and the
      // server would have to verify it.
      const socket = connect({ host: '127.0.0.1', port, cert, key, rejectUnauthorized: false });
      socket.setNoDelay(true);
      socket.once('error', reject);
      socket.once('secureConnect', () => resolve(new Exchange(socket)));
    });
  }

  send(request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#received, chunk]);
    if (!isWhole(this.#received)) return;
    const answer = this.#received;
    const asked = this.#waiting;
    this.#received = Buffer.alloc(0);
    this.#waiting = undefined;
    asked?.resolve(answer);
  }
}
