// What every operation works with: who asks, in which version, and the batch's ID Placeholder.

import { EdgeError } from '../errors.ts';
import type { Caller } from '../keys/caller.ts';
import type { Journal } from '../keys/journal.ts';
import type { Seconds } from '../keys/object.ts';
import type { KeyService } from '../keys/service.ts';
import { UniqueIdentifier } from '../kmip/enums.ts';
import { placeholderIn } from '../kmip/identifier.ts';
import type { Version } from '../kmip/version.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import { shorten } from '../shorten.ts';

/** Ours have 36 characters. */
const longestUid = 255;

export class OperationContext {
  readonly caller: Caller;
  readonly keys: KeyService;
  readonly version: Version;
  readonly now: Seconds;
  /** False once the caller's access has been taken away or its connection has ended. */
  readonly isAdmitted: () => boolean;
  /** Shared with every other client. */
  readonly slowWork: OneAtATime;
  /** Buffers that hold key bytes for the answer: wiped once it is encoded. */
  readonly keyBytes: Buffer[];
  /** The objects of the batch's items so far, by their place. */
  readonly #items: (string | undefined)[] = [];
  readonly #byOperation = new Map<number, string>();
  #placeholder: string | undefined;

  constructor(
    caller: Caller,
    keys: KeyService,
    version: Version,
    now: Seconds,
    isAdmitted: () => boolean,
    slowWork: OneAtATime,
    keyBytes: Buffer[] = [],
  ) {
    this.caller = caller;
    this.keys = keys;
    this.version = version;
    this.now = now;
    this.isAdmitted = isAdmitted;
    this.slowWork = slowWork;
    this.keyBytes = keyBytes;
  }

  /**
   * The object meant: the one named, else the batch's ID Placeholder (KMIP 1.4 section 4). One too long to be anybody's is
   * cut, which leaves it nobody's: it goes into log lines and error texts. Throws `missing-data`.
   */
  uid(named: string | undefined): string {
    const uid = named === undefined ? this.#placeholder : this.#meant(named);
    if (uid === undefined) throw new EdgeError('missing-data', 'no unique identifier is given and none came before');
    return uid.length > longestUid ? shorten(uid) : uid;
  }

  /** The same, with what is done noted. Key bytes are wiped with this one's. */
  withJournal(journal: Journal): OperationContext {
    const { caller, keys, version, now, isAdmitted, slowWork, keyBytes } = this;
    return new OperationContext({ ...caller, journal }, keys, version, now, isAdmitted, slowWork, keyBytes);
  }

  wipeKeyBytes(): void {
    for (const bytes of this.keyBytes) bytes.fill(0);
    this.keyBytes.length = 0;
  }

  /** Sets the ID Placeholder, or empties it. */
  place(uid: string | undefined): void {
    this.#placeholder = uid;
  }

  /** Notes what an operation made or found, for KMIP 2.x to refer to (KMIP 2.1 section 11.58). */
  note(operation: UniqueIdentifier, uid: string | undefined): void {
    if (uid === undefined) this.#byOperation.delete(operation);
    else this.#byOperation.set(operation, uid);
  }

  /** An item of the batch is done. */
  endItem(): void {
    this.#items.push(this.#placeholder);
  }

  #meant(named: string): string | undefined {
    const reference = placeholderIn(named);
    if (!reference) return named;
    const { kind, value } = reference;
    // Counted from the first item or, where negative, back from this one.
    if (kind === 'item') return this.#items.at(value);
    return value === UniqueIdentifier.IDPlaceholder ? this.#placeholder : this.#byOperation.get(value);
  }
}
