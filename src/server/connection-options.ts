// What a client connection works with, in whichever form its messages come.

import type { TLSSocket } from 'node:tls';
import type { Clock } from '../clock.ts';
import type { Caller } from '../keys/caller.ts';
import type { Log } from '../log.ts';

/** What became of one message: the answer, and whether the connection may go on. */
export interface Answer {
  readonly bytes: Buffer;
  readonly close: boolean;
}

export interface ConnectionOptions {
  readonly socket: TLSSocket;
  readonly address: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly maximumRequestSize: number;
  /** From a message's first byte to its last, milliseconds. */
  readonly messageTimeout: number;
  /** Who asks now; undefined once the client's access has been taken away. */
  readonly callerOf: () => Caller | undefined;
  /**
   * Never rejects. `isAdmitted` turns false when the caller's access is taken away meanwhile, or its connection ends.
   * `largest`: bytes after which no further item is done, where that is less than the usual.
   */
  readonly answer: (
    caller: Caller,
    message: Buffer,
    isAdmitted: () => boolean,
    largest?: number | undefined,
  ) => Promise<Answer>;
}

/** Whether this caller may still be answered: false once its access has been taken away or its connection has ended. */
export const admission =
  ({ socket, callerOf }: Pick<ConnectionOptions, 'socket' | 'callerOf'>, caller: Caller | undefined): (() => boolean) =>
  () =>
    caller !== undefined && !socket.destroyed && callerOf()?.instanceId === caller.instanceId;
