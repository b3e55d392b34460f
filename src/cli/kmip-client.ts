// A small KMIP client over mutual TLS: one request at a time. For `kmip-edge get` and for trying things out.

import { connect, type TLSSocket } from 'node:tls';
import { EdgeError, messageOf } from '../errors.ts';
import { Operation, ResultReason, ResultStatus } from '../kmip/enums.ts';
import { FrameReader } from '../kmip/frame.ts';
import { decodeResponse, encodeRequest, type ResponseItem } from '../kmip/message.ts';
import {
  decodeResponsePayload,
  type PayloadOperation,
  type RequestPayload,
  type ResponsePayload,
  requestPayload,
} from '../kmip/payloads/table.ts';
import { enumName } from '../kmip/since.ts';
import { Tag } from '../kmip/tags.ts';
import { V1_4, type Version } from '../kmip/version.ts';

export interface KmipClientOptions {
  readonly host: string;
  readonly port: number;
  /** PEM texts: who we are, and who signed the server's certificate. */
  readonly certificate: string;
  readonly privateKey: string;
  readonly authority: string;
  readonly version?: Version;
  /** Milliseconds for the handshake, and for each answer. */
  readonly timeout?: number;
}

/** Opens the connection. Throws `upstream-unreachable`, with the reason. */
export const connectKmip = (options: KmipClientOptions): Promise<KmipClient> =>
  new Promise((resolve, reject) => {
    const { host, port, certificate: cert, privateKey: key, authority: ca, timeout = 10_000 } = options;
    const socket = connect({ host, port, cert, key, ca });
    socket.setTimeout(timeout, () => socket.destroy(new Error(`no answer in ${timeout / 1000} s`)));
    socket.once('error', (error) => {
      reject(
        new EdgeError('upstream-unreachable', `cannot talk to ${host} port ${port}: ${messageOf(error)}`, {
          cause: error,
        }),
      );
    });
    socket.once('secureConnect', () => resolve(new KmipClient(socket, options.version ?? V1_4)));
  });

const closed = 'the server closed the connection: is this client certificate admitted?';

/** What a close is called where something of ours was still on its way. */
const isReset = (error: NodeJS.ErrnoException): boolean => error.code === 'ECONNRESET' || error.code === 'EPIPE';

export class KmipClient {
  readonly #socket: TLSSocket;
  readonly #version: Version;
  readonly #frames = new FrameReader({ rootTag: Tag.ResponseMessage });
  /** Why no request can be sent any more. */
  #ended: string | undefined;
  #waiting: { resolve(message: Buffer): void; reject(error: unknown): void } | undefined;

  constructor(socket: TLSSocket, version: Version) {
    this.#socket = socket;
    this.#version = version;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(isReset(error) ? closed : messageOf(error)));
    socket.on('close', () => this.#fail(closed));
  }

  /** Sends one operation. Throws `upstream-refused` with the server's Result Reason and message where it fails. */
  async request<O extends PayloadOperation>(operation: O, request: RequestPayload<O>): Promise<ResponsePayload<O>> {
    const item = { Operation: Operation[operation], RequestPayload: requestPayload(operation, request) };
    const answer = await this.exchange(encodeRequest({ version: this.#version, header: {}, items: [item] }));
    const { items, version } = decodeResponse(answer);
    const [first] = items;
    if (first?.ResultStatus === ResultStatus.Success && first.ResponsePayload) {
      return decodeResponsePayload(operation, first.ResponsePayload, version);
    }
    throw refusal(operation, first);
  }

  /** Sends a whole message and waits for the answer. */
  exchange(message: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) throw new EdgeError('upstream-unreachable', this.#ended);
      if (this.#waiting) throw new EdgeError('internal', 'this connection waits for an answer already');
      this.#waiting = { resolve, reject };
      this.#socket.write(message);
    });
  }

  /** False once the connection has ended. */
  get isOpen(): boolean {
    return this.#ended === undefined;
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#frames.push(chunk);
    try {
      const message = this.#frames.next();
      if (!message) return;
      const waiting = this.#waiting;
      this.#waiting = undefined;
      waiting?.resolve(message);
    } catch (error) {
      this.#waiting?.reject(error);
      this.#socket.destroy();
    }
  }

  #fail(problem: string): void {
    this.#ended ??= problem;
    this.#waiting?.reject(new EdgeError('upstream-unreachable', problem));
    this.#waiting = undefined;
  }
}

const refusal = (operation: string, item: ResponseItem | undefined): EdgeError => {
  const reason = item?.ResultReason === undefined ? 'no reason' : enumName(ResultReason, item.ResultReason);
  const kind = item?.ResultReason === ResultReason.ItemNotFound ? 'item-not-found' : 'upstream-refused';
  return new EdgeError(kind, `${operation} failed: ${reason}: ${item?.ResultMessage ?? 'no message'}`);
};
