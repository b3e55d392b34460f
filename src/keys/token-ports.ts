// Tokens of the management API as they are kept, as a contract that the store implements.

/** A token of the management API: what may be known of it without knowing it. Times are milliseconds since 1970. */
export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  /** Of the token's text, lower-case hexadecimal. */
  readonly sha256: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number;
  /** Absent: never. On the disk it may be a minute old. */
  readonly lastUsedAt?: number;
}

export interface TokenReader {
  /** Oldest first. */
  tokens(): readonly ApiToken[];
}

export interface TokenWriter extends TokenReader {
  /** A new one. */
  putToken(token: ApiToken): void;
  putLastUse(id: string, at: number): void;
  deleteToken(id: string): void;
}
