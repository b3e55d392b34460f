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
  /** Never rejects. `isAdmitted` turns false when the caller's access is taken away meanwhile. */
  readonly answer: (caller: Caller, message: Buffer, isAdmitted: () => boolean) => Promise<Answer>;
}
