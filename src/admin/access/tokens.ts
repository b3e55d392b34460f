// API tokens for automation: 256 random bits that are shown once and kept as their SHA-256 alone, each with a name, a role
// and an end. Searching by the hash tells nothing by its time: whoever could choose the hash would have to invert SHA-256.

import { hash, randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Damage } from '../../damage.ts';
import { EdgeError, messageOf } from '../../errors.ts';
import type { Store } from '../../keys/ports.ts';
import type { ApiToken } from '../../keys/token-ports.ts';
import type { Log } from '../../log.ts';
import { Secret } from '../../secret.ts';
import type { Role } from '../api/schema.ts';

export interface TokensParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly damage: Damage;
}

export interface NewToken {
  readonly name: string;
  readonly role: Role;
  /** Milliseconds until it ends. */
  readonly lifetime: number;
  readonly createdBy: string;
}

/** So that a token is known as one wherever it turns up, by scanners too. */
export const tokenPrefix = 'kme_';
const tokenBytes = 32;
const tokenPattern = /^kme_[A-Za-z0-9_-]{43}$/;
const mostTokens = 256;
/** Its last use is written down at most this often, milliseconds. */
const lastUseStep = 60_000;

interface Entry {
  token: ApiToken;
  /** The last use that is on the disk, milliseconds since 1970. */
  written: number;
}

export class Tokens {
  readonly #parts: TokensParts;
  /** By hash. */
  readonly #entries = new Map<string, Entry>();
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: TokensParts) {
    this.#parts = parts;
    const { store, damage } = parts;
    const meaning = 'no API token that was made before is accepted';
    const stored = damage.orElse('table api_token', meaning, () => store.tokens.tokens(), []);
    for (const token of stored) this.#entries.set(token.sha256, entryOf(token));
  }

  /** Oldest first, those that have ended too: they stay until they are revoked. */
  list(): readonly ApiToken[] {
    return [...this.#entries.values()].map(({ token }) => token);
  }

  /** A new token, durable; its text is told once. Throws `already-exists`, or `illegal-operation` for too many. */
  async create({
    name,
    role,
    lifetime,
    createdBy,
  }: NewToken): Promise<{ readonly text: Secret; readonly token: ApiToken }> {
    const { store, clock } = this.#parts;
    this.#requireRoom(name);
    const text = tokenPrefix + randomBytes(tokenBytes).toString('base64url');
    const createdAt = clock.now();
    const token: ApiToken = {
      id: randomUUID(),
      name,
      role,
      sha256: hash('sha256', text, 'hex'),
      createdAt,
      createdBy,
      expiresAt: createdAt + lifetime,
    };
    const entry = entryOf(token);
    this.#entries.set(token.sha256, entry);
    try {
      await store.write(({ tokens }) => tokens.putToken(token));
    } catch (error) {
      this.#entries.delete(token.sha256);
      throw error;
    }
    return { text: new Secret(text), token };
  }

  /** Takes a token away, at once. Throws `item-not-found`. */
  async revoke(name: string): Promise<ApiToken> {
    const token = this.list().find((one) => one.name === name);
    if (!token) {
      throw new EdgeError('item-not-found', `there is no token named '${name}'`, {
        hint: "'kmip-edge token list' shows them",
      });
    }
    const entry = entryOf(token);
    // Before it is durable: from here on nobody is let in by it.
    this.#entries.delete(token.sha256);
    try {
      await this.#parts.store.write(({ tokens }) => tokens.deleteToken(token.id), { erase: true });
    } catch (error) {
      this.#entries.set(token.sha256, entry);
      throw error;
    }
    return token;
  }

  /** The token that `text` is, its use noted; `ended` where it was one once. */
  use(text: string): ApiToken | 'ended' | undefined {
    const entry = tokenPattern.test(text) ? this.#entries.get(hash('sha256', text, 'hex')) : undefined;
    if (!entry) return undefined;
    const now = this.#parts.clock.now();
    if (entry.token.expiresAt <= now) return 'ended';
    entry.token = { ...entry.token, lastUsedAt: now };
    if (Math.abs(now - entry.written) >= lastUseStep) this.#writeLastUse(entry, now);
    return entry.token;
  }

  /** Writes down what is not yet. */
  async close(): Promise<void> {
    for (const entry of this.#entries.values()) {
      const { lastUsedAt } = entry.token;
      if (lastUsedAt !== undefined && lastUsedAt !== entry.written) this.#writeLastUse(entry, lastUsedAt);
    }
    await this.#writing;
  }

  #requireRoom(name: string): void {
    if (this.list().some((token) => token.name === name)) {
      throw new EdgeError('already-exists', `a token named '${name}' exists`, {
        hint: `revoke it first with 'kmip-edge token revoke ${name}', or choose another name`,
      });
    }
    if (this.#entries.size < mostTokens) return;
    throw new EdgeError('illegal-operation', `there are ${mostTokens} tokens, which is as many as there may be`, {
      hint: 'revoke those that have ended',
    });
  }

  #writeLastUse(entry: Entry, at: number): void {
    const { store, log } = this.#parts;
    const { id } = entry.token;
    entry.written = at;
    this.#writing = this.#writing
      .then(() => store.write(({ tokens }) => tokens.putLastUse(id, at)))
      .catch((error: unknown) => log.warn("a token's last use was not written down", { problem: messageOf(error) }));
  }
}

const entryOf = (token: ApiToken): Entry => ({ token, written: token.lastUsedAt ?? 0 });
