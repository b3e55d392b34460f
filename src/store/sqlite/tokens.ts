// API tokens in SQLite: their hashes, never the tokens.

import type { Database } from 'better-sqlite3';
import type { ApiToken, TokenWriter } from '../../keys/token-ports.ts';

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly sha256: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly expires_at: number;
  readonly last_used_at: number | null;
}

const fromRow = (row: TokenRow): ApiToken => ({
  id: row.id,
  name: row.name,
  role: row.role,
  sha256: row.sha256,
  createdAt: row.created_at,
  createdBy: row.created_by,
  expiresAt: row.expires_at,
  ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
});

/** The table behind prepared statements. */
export const createTokens = (database: Database): TokenWriter => {
  const all = database.prepare<[], TokenRow>('SELECT * FROM api_token ORDER BY created_at, id');
  const put = database.prepare<[TokenRow]>(
    `INSERT INTO api_token (id, name, role, sha256, created_at, created_by, expires_at, last_used_at)
     VALUES (@id, @name, @role, @sha256, @created_at, @created_by, @expires_at, @last_used_at)`,
  );
  const putLastUse = database.prepare<[number, string]>('UPDATE api_token SET last_used_at = ? WHERE id = ?');
  const remove = database.prepare<[string]>('DELETE FROM api_token WHERE id = ?');
  return {
    tokens: () => all.all().map(fromRow),
    putToken({ createdAt, createdBy, expiresAt, lastUsedAt = null, ...token }) {
      put.run({
        ...token,
        created_at: createdAt,
        created_by: createdBy,
        expires_at: expiresAt,
        last_used_at: lastUsedAt,
      });
    },
    putLastUse: (id, at) => void putLastUse.run(at, id),
    deleteToken: (id) => void remove.run(id),
  };
};
