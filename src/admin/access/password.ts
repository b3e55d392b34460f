// The administrator's password. What is kept is an Argon2id hash with the numbers of RFC 9106's second recommendation
// (64 MiB, three passes), sealed in the vault: a thief of the database alone cannot even begin to guess. There is no
// default password; until one is set nobody signs in.

import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { EdgeError } from '../../errors.ts';
import type { Store } from '../../keys/ports.ts';
import type { Sealer } from '../../keys/seal-ports.ts';
import { OneAtATime, type QueueLimit } from '../../one-at-a-time.ts';
import type { Secret } from '../../secret.ts';
import { TooManyAttempts } from '../problem.ts';

export interface PasswordParts {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
  /** Of what is set from now on; for tests that sign in often. */
  readonly cost?: PasswordCost | undefined;
}

/** Shorter ones are guessed sooner or later, memory-hard or not. In characters. */
export const minimumPasswordLength = 12;
export const maximumPasswordLength = 1024;

/** What is stated above; memory in KiB. */
export const defaultPasswordCost: PasswordCost = { memory: 65_536, passes: 3, parallelism: 4, tagLength: 32 };
const saltBytes = 16;
/** In the vault. */
export const passwordRecordName = 'administrator-password';
/** Milliseconds that are named to whoever finds the queue full. */
const comeBack = 2000;
/**
 * One is hashed, seven wait: about two seconds' worth. Whoever signs in in a loop keeps others waiting at this door alone,
 * never the keys.
 */
export const signInLimit: QueueLimit = {
  longest: 8,
  refusal: () => new TooManyAttempts('too many sign-ins at the same time', comeBack),
};

interface PasswordRecord {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  /** Base64, as is the salt. */
  readonly tag: string;
  readonly salt: string;
  /** Milliseconds since 1970. */
  readonly setAt: number;
}

export class AdministratorPassword {
  readonly #parts: PasswordParts;
  readonly #queue = new OneAtATime(signInLimit);

  constructor(parts: PasswordParts) {
    this.#parts = parts;
  }

  get isSet(): boolean {
    return this.#parts.store.vault.sealedSecret(passwordRecordName) !== undefined;
  }

  /** Sets it, durably; gives when that was. Throws `invalid-field` for one that is too short or too long. */
  async set(password: Secret): Promise<number> {
    checkLength(password);
    const { store, sealer, clock, cost = defaultPasswordCost } = this.#parts;
    const salt = randomBytes(saltBytes);
    const tag = await this.#queue.run(() => derive(password, salt, cost));
    const { memory, passes, parallelism } = cost;
    const setAt = clock.now();
    const record: PasswordRecord = {
      memory,
      passes,
      parallelism,
      tag: tag.toString('base64'),
      salt: salt.toString('base64'),
      setAt,
    };
    const bytes = Buffer.from(JSON.stringify(record));
    try {
      const sealed = sealer.seal(passwordRecordName, bytes);
      // The old one must not be guessed from what is left of it on the disk.
      await store.write(({ vault }) => vault.putSealedSecret(passwordRecordName, sealed), { erase: true });
    } finally {
      bytes.fill(0);
      tag.fill(0);
    }
    return setAt;
  }

  /** Whether `password` is the one that was set. Throws `not-ready` where none is. */
  async isRight(password: Secret): Promise<boolean> {
    this.requireSet();
    return this.#queue.run(async () => {
      // Read only now: it may have been changed while this waited.
      const { memory, passes, parallelism, ...record } = this.#record();
      const wanted = Buffer.from(record.tag, 'base64');
      const salt = Buffer.from(record.salt, 'base64');
      const tag = await derive(password, salt, { memory, passes, parallelism, tagLength: wanted.length });
      const isRight = timingSafeEqual(tag, wanted);
      tag.fill(0);
      wanted.fill(0);
      return isRight;
    });
  }

  /** Throws `not-ready` where no password is set. */
  requireSet(): void {
    if (this.isSet) return;
    throw new EdgeError('not-ready', 'no administrator password has been set', {
      hint: "set one on the appliance: kmip-edge password set, or 'serve --admin-password-file FILE' at the first start",
    });
  }

  #record(): PasswordRecord {
    const { store, sealer } = this.#parts;
    const sealed = store.vault.sealedSecret(passwordRecordName);
    if (!sealed) throw new EdgeError('not-ready', 'no administrator password has been set');
    const bytes = sealer.open(passwordRecordName, sealed);
    const record = JSON.parse(bytes.toString()) as PasswordRecord;
    bytes.fill(0);
    return record;
  }
}

const checkLength = (password: Secret): void => {
  const { length } = [...password.reveal()];
  if (length >= minimumPasswordLength && length <= maximumPasswordLength) return;
  throw new EdgeError(
    'invalid-field',
    `the password has ${length} characters, ${minimumPasswordLength} to ${maximumPasswordLength} are needed`,
  );
};

export type PasswordCost = Pick<Argon2Parameters, 'memory' | 'passes' | 'parallelism' | 'tagLength'>;

/** Off the main thread, in one of the four threads that Node has for such work. */
const derive = (password: Secret, nonce: Buffer, parameters: PasswordCost): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    // The same password typed on another keyboard may come as other code points.
    const message = Buffer.from(password.reveal().normalize('NFKC'));
    argon2('argon2id', { message, nonce, ...parameters }, (error, tag) => {
      message.fill(0);
      if (error) reject(error);
      else resolve(tag);
    });
  });
