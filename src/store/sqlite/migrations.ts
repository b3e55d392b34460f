// The database's shape, one step a version, forward only: `PRAGMA user_version` counts the steps that were taken.

import type { Database } from 'better-sqlite3';
import { EdgeError } from '../../errors.ts';

const steps: readonly string[] = [
  `
  CREATE TABLE seal_slot (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    parameters TEXT NOT NULL CHECK (json_valid(parameters)),
    wrapped    BLOB NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE vault (
    name   TEXT PRIMARY KEY,
    sealed BLOB NOT NULL
  ) STRICT;

  CREATE TABLE service_instance (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    upstream   TEXT NOT NULL,
    settings   TEXT NOT NULL CHECK (json_valid(settings)),
    lease      INTEGER CHECK (lease >= 0), -- milliseconds; NULL: unlimited
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE lease (
    instance_id TEXT PRIMARY KEY REFERENCES service_instance (id) ON DELETE CASCADE,
    proven_at   INTEGER NOT NULL,
    high_water  INTEGER NOT NULL,
    root_key    TEXT NOT NULL CHECK (json_valid(root_key))
  ) STRICT;

  CREATE TABLE client (
    id          TEXT PRIMARY KEY,
    instance_id TEXT NOT NULL REFERENCES service_instance (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    fingerprint TEXT NOT NULL UNIQUE,
    certificate TEXT NOT NULL,
    added_at    INTEGER NOT NULL,
    UNIQUE (instance_id, name)
  ) STRICT;

  -- Rows are only ever appended, and overwritten in place: see material.ts.
  CREATE TABLE material (
    id      INTEGER PRIMARY KEY,
    wrapped BLOB NOT NULL, -- either is empty where there is none
    sealed  BLOB NOT NULL
  ) STRICT;

  CREATE TABLE object (
    id                         INTEGER PRIMARY KEY,
    uid                        TEXT NOT NULL UNIQUE,
    instance_id                TEXT NOT NULL REFERENCES service_instance (id),
    object_type                INTEGER NOT NULL,
    cryptographic_algorithm    INTEGER NOT NULL,
    cryptographic_length       INTEGER NOT NULL,
    cryptographic_usage_mask   INTEGER NOT NULL,
    initial_date               INTEGER NOT NULL,
    activation_date            INTEGER,
    process_start_date         INTEGER,
    protect_stop_date          INTEGER,
    deactivation_date          INTEGER,
    destroy_date               INTEGER,
    compromise_occurrence_date INTEGER,
    compromise_date            INTEGER,
    last_change_date           INTEGER NOT NULL,
    revocation_code            INTEGER,
    revocation_message         TEXT,
    wrapped_version            TEXT,
    material_id                INTEGER REFERENCES material (id)
  ) STRICT;
  CREATE INDEX object_by_instance ON object (instance_id);

  CREATE TABLE attribute (
    object_id   INTEGER NOT NULL REFERENCES object (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    attribute_index INTEGER NOT NULL,
    instance_id TEXT NOT NULL,
    value       BLOB NOT NULL,
    PRIMARY KEY (object_id, name, attribute_index)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX attribute_by_value ON attribute (instance_id, name, value, object_id);
  `,
];

/** The version that this program writes. */
export const schemaVersion = steps.length;

/**
 * Brings the database to {@link schemaVersion}, each step in a transaction of its own.
 * Throws `data-damaged` for a database of a newer program.
 */
export const migrate = (database: Database): void => {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > schemaVersion) {
    throw new EdgeError('data-damaged', `the database has version ${version}, this program knows ${schemaVersion}`, {
      hint: 'it was written by a newer kmip-edge: run that one, or restore a backup made by this one',
    });
  }
  steps.slice(version).forEach((sql, offset) => {
    database.transaction(() => {
      database.exec(sql);
      database.pragma(`user_version = ${version + offset + 1}`);
    })();
  });
};
