// What every operation works with: who asks, in which version, and the batch's ID Placeholder.

import { EdgeError } from '../errors.ts';
import type { Caller } from '../keys/caller.ts';
import type { Seconds } from '../keys/object.ts';
import type { KeyService } from '../keys/service.ts';
import type { Version } from '../kmip/version.ts';
import { shorten } from '../shorten.ts';

/** Ours have 36 characters. */
const longestUid = 255;

export class OperationContext {
  readonly caller: Caller;
  readonly keys: KeyService;
  readonly version: Version;
  readonly now: Seconds;
  /** False once the caller's access has been taken away. */
  readonly isAdmitted: () => boolean;
  /** Buffers that hold key bytes for the answer: wiped once it is encoded. */
  readonly keyBytes: Buffer[] = [];
  #placeholder: string | undefined;

  constructor(caller: Caller, keys: KeyService, version: Version, now: Seconds, isAdmitted: () => boolean) {
    this.caller = caller;
    this.keys = keys;
    this.version = version;
    this.now = now;
    this.isAdmitted = isAdmitted;
  }

  /**
   * The object meant: the one named, else the batch's ID Placeholder (KMIP 1.4 section 4). One too long to be anybody's is
   * cut, which leaves it nobody's: it goes into log lines and error texts. Throws `missing-data`.
   */
  uid(named: string | undefined): string {
    const uid = named ?? this.#placeholder;
    if (uid === undefined) throw new EdgeError('missing-data', 'no unique identifier is given and none came before');
    return uid.length > longestUid ? shorten(uid) : uid;
  }

  wipeKeyBytes(): void {
    for (const bytes of this.keyBytes) bytes.fill(0);
    this.keyBytes.length = 0;
  }

  /** Sets the ID Placeholder, or empties it. */
  place(uid: string | undefined): void {
    this.#placeholder = uid;
  }
}
