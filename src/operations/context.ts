// What every operation works with: who asks, in which version, and the batch's ID Placeholder.

import { EdgeError } from '../errors.ts';
import type { Caller } from '../keys/caller.ts';
import type { Seconds } from '../keys/object.ts';
import type { KeyService } from '../keys/service.ts';
import type { Version } from '../kmip/version.ts';

/** Of one message, its lists alone; a thousand Gets are well below it. */
const largestAnswer = 16 * 1024 * 1024;

export class OperationContext {
  readonly caller: Caller;
  readonly keys: KeyService;
  readonly version: Version;
  readonly now: Seconds;
  /** Buffers that hold key bytes for the answer: wiped once it is encoded. */
  readonly keyBytes: Buffer[] = [];
  #placeholder: string | undefined;
  #spent = 0;

  constructor(caller: Caller, keys: KeyService, version: Version, now: Seconds) {
    this.caller = caller;
    this.keys = keys;
    this.version = version;
    this.now = now;
  }

  /** The object meant: the one named, else the batch's ID Placeholder (KMIP 1.4 section 4). Throws `missing-data`. */
  uid(named: string | undefined): string {
    const uid = named ?? this.#placeholder;
    if (uid === undefined) throw new EdgeError('missing-data', 'no unique identifier is given and none came before');
    return uid;
  }

  /** Counts bytes towards the answer. Throws `response-too-large` where a batch would make one that fills the memory. */
  spend(bytes: number): void {
    this.#spent += bytes;
    if (this.#spent <= largestAnswer) return;
    throw new EdgeError(
      'response-too-large',
      `the answer would be longer than ${largestAnswer} bytes: ask for less at once`,
    );
  }

  /** Sets the ID Placeholder, or empties it. */
  place(uid: string | undefined): void {
    this.#placeholder = uid;
  }
}
