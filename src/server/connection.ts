// One client connection after its handshake: bytes in, whole messages one after the other, answers out; one that begins with
// an HTTP request speaks HTTP from there on. Whatever a peer does, it costs no more than one message of memory and one timer.

import type { TLSSocket } from 'node:tls';
import type { Cancel } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { FrameReader } from '../kmip/frame.ts';
import { Tag } from '../kmip/tags.ts';
import { type Answer, admission, type ConnectionOptions } from './connection-options.ts';
import { beginsHttp, HttpConnection } from './http.ts';

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #frames: FrameReader;
  /** Answers that may hold key bytes and are still on their way out. */
  readonly #leaving: Buffer[] = [];
  #working = false;
  #deadline: Cancel | undefined;
  #begun = false;
  #http: HttpConnection | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#frames = new FrameReader({ rootTag: Tag.RequestMessage, maximum: options.maximumRequestSize });
    const receive = (chunk: Buffer): void => {
      if (this.#begun || !beginsHttp(chunk)) {
        this.#begun = true;
        this.#receive(chunk);
        return;
      }
      options.socket.off('data', receive);
      this.#http = new HttpConnection(options, chunk);
    };
    options.socket.on('data', receive);
    options.socket.once('close', () => {
      this.#endDeadline();
      this.#wipe();
    });
  }

  /** True while a message is being worked on. */
  get busy(): boolean {
    return this.#working || this.#http?.busy === true;
  }

  /** Ends the connection of a client whose access has been taken away, whatever it is doing. */
  endUnlessAdmitted(): void {
    if (!this.#options.callerOf()) this.#options.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    if (this.#options.socket.writableLength === 0) this.#wipe();
    this.#frames.push(chunk);
    // What comes while a message is worked on waits in the kernel, not here.
    if (this.#working) this.#options.socket.pause();
    else void this.#work();
  }

  async #work(): Promise<void> {
    const { socket, callerOf, answer } = this.#options;
    this.#working = true;
    try {
      for (let message = this.#next(); message && !socket.destroyed; message = this.#next()) {
        this.#endDeadline();
        const caller = callerOf();
        const isAdmitted = admission(this.#options, caller);
        const answered = caller && (await answer(caller, message, isAdmitted));
        // The message may have brought key bytes (Register), the answer may carry some (Get).
        message.fill(0);
        if (!isAdmitted()) socket.destroy();
        if (answered && !this.#send(answered)) await drained(socket);
      }
    } catch (error) {
      this.#giveUp(error);
    }
    this.#working = false;
    if (socket.destroyed) return;
    if (this.#frames.pending) this.#startDeadline();
    if (socket.isPaused()) socket.resume();
  }

  /** Nobody waits for the work: if it rejected, that would end the process. */
  #giveUp(error: unknown): void {
    const { socket, log, address } = this.#options;
    socket.destroy();
    log.error('connection given up', { address, problem: messageOf(error) });
  }

  #next(): Buffer | undefined {
    try {
      return this.#frames.next();
    } catch (error) {
      const { log, address, socket } = this.#options;
      log.warn('not a KMIP message', { address, problem: messageOf(error) });
      socket.destroy();
      return undefined;
    }
  }

  /** A message that has begun must end in time, however slowly its bytes drip in. */
  #startDeadline(): void {
    const { clock, messageTimeout, log, address, socket } = this.#options;
    this.#deadline ??= clock.after(messageTimeout, () => {
      log.warn('message not completed in time', { address });
      socket.destroy();
    });
  }

  #endDeadline(): void {
    this.#deadline?.();
    this.#deadline = undefined;
  }

  /** False where the next answer has to wait until the peer has taken this one. */
  #send({ bytes, close }: Answer): boolean {
    const { socket } = this.#options;
    if (socket.destroyed) {
      bytes.fill(0);
      return true;
    }
    this.#leaving.push(bytes);
    const flushed = socket.write(bytes);
    if (close) socket.end();
    return flushed || close;
  }

  /** Done with the next request, or at the end: a callback for each write would cost more than all else here. */
  #wipe(): void {
    for (const bytes of this.#leaving) bytes.fill(0);
    this.#leaving.length = 0;
  }
}

/** Resolves when the peer has taken what was written, or is gone. */
const drained = (socket: TLSSocket): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
