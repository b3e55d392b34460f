// KMIP over HTTPS (Additional Message Encodings 1.0 section 2) on the KMIP port, for clients that begin with an HTTP request
// in place of a message: POST to /kmip in TTLV, XML or JSON. The TLS rules and the callers are those of the port.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Cancel } from '../clock.ts';
import { EdgeError, messageOf } from '../errors.ts';
import { readJson, writeJson } from '../kmip/text/json.ts';
import { readXml, writeXml } from '../kmip/text/xml.ts';
import { decodeItem, encodeItem } from '../kmip/ttlv.ts';
import { admission, type ConnectionOptions } from './connection-options.ts';

/** One way to write messages. */
interface Encoding {
  /** Bytes of an answer in TTLV, where that is less than the usual. */
  readonly largest?: number;
  read(body: Buffer): Buffer;
  write(message: Buffer): Buffer;
}

/** A text has several times the bytes, and is written in one go: nobody else is served meanwhile. */
const largestAsText = 1024 * 1024;

const binary: Encoding = { read: (body) => Buffer.from(body), write: (message) => Buffer.from(message) };
const xml: Encoding = {
  largest: largestAsText,
  read: (body) => encodeItem(readXml(body.toString())),
  write: (message) => Buffer.from(writeXml(decodeItem(message))),
};
const json: Encoding = {
  largest: largestAsText,
  read: (body) => encodeItem(readJson(body.toString())),
  write: (message) => Buffer.from(writeJson(decodeItem(message))),
};

const encodings: Readonly<Record<string, Encoding>> = {
  'application/octet-stream': binary,
  'text/xml': xml,
  'application/xml': xml,
  'application/json': json,
};

/** True for the first bytes of an HTTP request, which is a method in capitals; a KMIP message begins with 0x42, a B. */
export const beginsHttp = ([first = 0]: Buffer): boolean => first >= 0x41 && first <= 0x5a && first !== 0x42;

type Options = Pick<
  ConnectionOptions,
  'socket' | 'address' | 'clock' | 'log' | 'maximumRequestSize' | 'messageTimeout' | 'callerOf' | 'answer'
>;

/** What became of a request before it could be answered in KMIP. */
class HttpRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Bytes of a request's head. */
const largestHead = 8192;

type Exchange = readonly [request: IncomingMessage, response: ServerResponse];

/** One connection that speaks HTTP: requests one after the other, whether or not the client waits for the answers. */
export class HttpConnection {
  readonly #options: Options;
  readonly #server: Server;
  /** Came before the answer to those before them: what was in one read together, and one more. */
  readonly #waiting: Exchange[] = [];
  #deadline: Cancel | undefined;
  /** Ends the wait for the client to take an answer. */
  #taken: (() => void) | undefined;
  #working = false;

  /** Takes the socket over; `first` is what was read from it already. */
  constructor(options: Options, first: Buffer) {
    this.#options = options;
    // Importing this module would make Node load its fetch and WebSocket as well.
    this.#server = process
      .getBuiltinModule('node:http')
      .createServer({ maxHeaderSize: largestHead }, (request, response) => this.#take([request, response]));
    this.#server.on('clientError', () => options.socket.destroy());
    options.socket.once('close', () => {
      this.#deadline?.();
      this.#taken?.();
    });
    this.#startDeadline();
    options.socket.unshift(first);
    this.#server.emit('connection', options.socket);
    // Node resumes after each request that it has read whole, and reads again upon this event: it has to hear of it first.
    options.socket.on('resume', () => this.#holdBack());
  }

  /** True while requests are being answered. */
  get busy(): boolean {
    return this.#working;
  }

  #take(exchange: Exchange): void {
    this.#waiting.push(exchange);
    if (this.#working) this.#holdBack();
    else void this.#work();
  }

  /** What comes while requests wait does so in the kernel, not here. */
  #holdBack(): void {
    if (this.#waiting.length > 0) this.#options.socket.pause();
  }

  async #work(): Promise<void> {
    const { socket } = this.#options;
    this.#working = true;
    for (let next = this.#waiting.shift(); next && socket.writable; next = this.#waiting.shift()) {
      // The rest of the last one may still be to come.
      if (this.#waiting.length === 0) socket.resume();
      await this.#serve(...next);
    }
    this.#working = false;
  }

  /** Resolves when the client has taken the answer, or is gone. */
  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { log, address, socket } = this.#options;
    try {
      const { encoding, type } = encodingOf(request);
      const body = await this.#body(request);
      this.#deadline?.();
      const answer = await this.#answer(encoding, body);
      if (!answer) {
        socket.destroy();
        return;
      }
      await this.#respond(response, 200, type, answer);
      answer.fill(0);
    } catch (error) {
      if (!(error instanceof HttpRefusal)) log.error('connection given up', { address, problem: messageOf(error) });
      const [status, text] = error instanceof HttpRefusal ? [error.status, error.message] : [500, 'internal error'];
      // What is left of the request is not read.
      response.shouldKeepAlive = false;
      await this.#respond(response, status, 'text/plain', Buffer.from(`${text}\n`));
    }
  }

  /** Undefined where the caller's access has been taken away or its connection has ended. */
  async #answer(encoding: Encoding, body: Buffer): Promise<Buffer | undefined> {
    const { callerOf, answer } = this.#options;
    const caller = callerOf();
    const isAdmitted = admission(this.#options, caller);
    if (!caller) return undefined;
    const message = read(encoding, body);
    body.fill(0);
    const answered = await answer(caller, message, isAdmitted, encoding.largest);
    message.fill(0);
    const written = isAdmitted() ? encoding.write(answered.bytes) : undefined;
    answered.bytes.fill(0);
    return written;
  }

  async #body(request: IncomingMessage): Promise<Buffer> {
    const { maximumRequestSize: maximum } = this.#options;
    const tooLarge = new HttpRefusal(413, `a request has at most ${maximum} bytes`);
    if (Number(request.headers['content-length'] ?? 0) > maximum) throw tooLarge;
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maximum) throw tooLarge;
      chunks.push(chunk);
    }
    const whole = Buffer.concat(chunks);
    for (const chunk of chunks) chunk.fill(0);
    return whole;
  }

  async #respond(response: ServerResponse, status: number, type: string, body: Buffer): Promise<void> {
    const taken = new Promise<void>((resolve) => {
      this.#taken = resolve;
      response.once('close', resolve);
    });
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': body.length, 'Cache-Control': 'no-cache' });
    response.end(body);
    this.#startDeadline();
    if (!this.#options.socket.destroyed) await taken;
    this.#startDeadline();
  }

  /** An answer has to be taken in time, and a request to be there, counted from the beginning or from the answer before. */
  #startDeadline(): void {
    const { clock, messageTimeout, socket } = this.#options;
    this.#deadline?.();
    this.#deadline = socket.destroyed ? undefined : clock.after(messageTimeout, () => socket.destroy());
  }
}

const encodingOf = (request: IncomingMessage): { readonly encoding: Encoding; readonly type: string } => {
  const path = request.url?.split('?')[0];
  if (path !== '/kmip') throw new HttpRefusal(404, 'KMIP is at /kmip');
  if (request.method !== 'POST') throw new HttpRefusal(405, 'KMIP messages come by POST');
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const encoding = Object.hasOwn(encodings, type) ? encodings[type] : undefined;
  if (encoding) return { encoding, type };
  throw new HttpRefusal(415, `a KMIP message is one of ${Object.keys(encodings).join(', ')}`);
};

const read = (encoding: Encoding, body: Buffer): Buffer => {
  try {
    return encoding.read(body);
  } catch (error) {
    if (error instanceof EdgeError) throw new HttpRefusal(400, error.message);
    throw error;
  }
};
