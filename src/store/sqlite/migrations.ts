// The database's shape, one step a version, forward only: `PRAGMA user_version` counts the steps that were taken.

import type { Database } from 'better-sqlite3';
import { EdgeError } from '../../errors.ts';
import { moveOwn } from './own-attributes.ts';

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
  // A service instance may have two upstreams while its keys move from one to the other. The first upstream of an instance
  // keeps the instance's identifier, so that what is sealed under it still opens.
  `
  CREATE TABLE upstream (
    id          TEXT PRIMARY KEY,
    instance_id TEXT NOT NULL REFERENCES service_instance (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL,
    settings    TEXT NOT NULL CHECK (json_valid(settings)),
    created_at  INTEGER NOT NULL
  ) STRICT;
  INSERT INTO upstream (id, instance_id, kind, settings, created_at)
    SELECT id, id, upstream, settings, created_at FROM service_instance;
  ALTER TABLE service_instance ADD COLUMN upstream_id TEXT;
  UPDATE service_instance SET upstream_id = id;
  ALTER TABLE service_instance DROP COLUMN upstream;
  ALTER TABLE service_instance DROP COLUMN settings;

  CREATE TABLE upstream_lease (
    upstream_id TEXT PRIMARY KEY REFERENCES upstream (id) ON DELETE CASCADE,
    proven_at   INTEGER NOT NULL,
    high_water  INTEGER NOT NULL,
    root_key    TEXT NOT NULL CHECK (json_valid(root_key))
  ) STRICT;
  INSERT INTO upstream_lease (upstream_id, proven_at, high_water, root_key)
    SELECT instance_id, proven_at, high_water, root_key FROM lease;
  DROP TABLE lease;

  ALTER TABLE object ADD COLUMN upstream_id TEXT REFERENCES upstream (id);
  UPDATE object SET upstream_id = instance_id;
  ALTER TABLE object ADD COLUMN missing_since INTEGER; -- milliseconds since 1970
  CREATE INDEX object_missing ON object (upstream_id) WHERE missing_since IS NOT NULL;

  -- Creates that were sent to an endpoint and are not known to have ended; the marker finds what they made.
  CREATE TABLE pending_create (
    marker      TEXT PRIMARY KEY,
    upstream_id TEXT NOT NULL REFERENCES upstream (id) ON DELETE CASCADE,
    sent_at     INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- At most one for each service instance.
  CREATE TABLE move (
    instance_id   TEXT PRIMARY KEY REFERENCES service_instance (id) ON DELETE CASCADE,
    from_upstream TEXT NOT NULL REFERENCES upstream (id),
    to_upstream   TEXT NOT NULL REFERENCES upstream (id),
    state         TEXT NOT NULL CHECK (state IN ('running', 'stopped', 'done')),
    started_at    INTEGER NOT NULL,
    ended_at      INTEGER
  ) STRICT;

  -- The forms of a moved key as the upstream before held them, until the move is finished.
  CREATE TABLE former (
    object_id       INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
    wrapped_version TEXT,
    material_id     INTEGER NOT NULL REFERENCES material (id)
  ) STRICT;

  CREATE TABLE not_moved (
    instance_id TEXT NOT NULL REFERENCES service_instance (id) ON DELETE CASCADE,
    uid         TEXT NOT NULL,
    problem     TEXT NOT NULL,
    PRIMARY KEY (instance_id, uid)
  ) STRICT, WITHOUT ROWID;
  `,
  // Instances that are suspended or wait for their removal.
  `
  ALTER TABLE service_instance ADD COLUMN suspended_at INTEGER; -- milliseconds since 1970; NULL: its keys are served

  CREATE TABLE removal (
    instance_id  TEXT PRIMARY KEY REFERENCES service_instance (id) ON DELETE CASCADE,
    requested_at INTEGER NOT NULL,
    requested_by TEXT NOT NULL,
    wait         INTEGER NOT NULL CHECK (wait >= 0), -- milliseconds
    waited       INTEGER NOT NULL CHECK (waited >= 0), -- of them, while a server ran
    erasing      INTEGER NOT NULL CHECK (erasing IN (0, 1))
  ) STRICT;
  `,
  // Tokens of the management API.
  `
  CREATE TABLE api_token (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    role         TEXT NOT NULL,
    sha256       TEXT NOT NULL UNIQUE,
    created_at   INTEGER NOT NULL,
    created_by   TEXT NOT NULL,
    expires_at   INTEGER NOT NULL,
    last_used_at INTEGER
  ) STRICT;
  `,
  // The last day for the charts, a row a minute, and since when there is an alarm.
  `
  CREATE TABLE history (
    minute INTEGER PRIMARY KEY, -- minutes since 1970
    sample TEXT NOT NULL
  ) STRICT;

  CREATE TABLE alarm (
    name  TEXT PRIMARY KEY,
    since INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // What became of backups, and when this database came out of one.
  `
  CREATE TABLE backup_run (
    id       INTEGER PRIMARY KEY,
    began_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    cause    TEXT NOT NULL CHECK (cause IN ('schedule', 'asked')),
    place    TEXT NOT NULL,
    name     TEXT NOT NULL,
    size     INTEGER NOT NULL,
    problem  TEXT -- NULL: it succeeded
  ) STRICT;

  CREATE TABLE restoration (
    id    INTEGER PRIMARY KEY,
    at    INTEGER NOT NULL,
    as_of INTEGER NOT NULL,
    told  INTEGER NOT NULL CHECK (told IN (0, 1)) -- to the audit trail
  ) STRICT;
  `,
  // Clients with a certificate before their own, and authorities of others with those whom they may vouch for.
  `
  ALTER TABLE client ADD COLUMN origin TEXT NOT NULL DEFAULT 'pinned' CHECK (origin IN ('pinned', 'issued', 'signed'));
  ALTER TABLE client ADD COLUMN former_fingerprint TEXT;
  ALTER TABLE client ADD COLUMN former_certificate TEXT;

  CREATE TABLE client_root (
    id               TEXT PRIMARY KEY,
    instance_id      TEXT NOT NULL REFERENCES service_instance (id) ON DELETE CASCADE,
    name             TEXT NOT NULL,
    certificate      TEXT NOT NULL,
    intermediates    TEXT NOT NULL,
    subjects         TEXT NOT NULL CHECK (json_valid(subjects)),
    key_fingerprints TEXT NOT NULL CHECK (json_valid(key_fingerprints)),
    added_at         INTEGER NOT NULL,
    UNIQUE (instance_id, name)
  ) STRICT;

  CREATE TABLE seen_client (
    root_id     TEXT NOT NULL REFERENCES client_root (id) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,
    certificate TEXT NOT NULL,
    address     TEXT NOT NULL,
    first_seen  INTEGER NOT NULL,
    last_seen   INTEGER NOT NULL,
    PRIMARY KEY (root_id, fingerprint)
  ) STRICT, WITHOUT ROWID;
  `,
  // Which keys are used by whom, and ways to find and count keys that do not look at each of them.
  `
  ALTER TABLE removal ADD COLUMN id TEXT NOT NULL DEFAULT '';

  CREATE TABLE key_use (
    object_id   INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
    instance_id TEXT NOT NULL,
    fetched_at  INTEGER NOT NULL, -- milliseconds since 1970
    client      TEXT NOT NULL -- the name that it had then
  ) STRICT;
  CREATE INDEX key_use_by_client ON key_use (instance_id, client, object_id);

  CREATE TABLE client_use (
    client_id TEXT PRIMARY KEY REFERENCES client (id) ON DELETE CASCADE,
    seen_at   INTEGER NOT NULL, -- milliseconds since 1970
    address   TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- From when on use is known: what was fetched before is not.
  CREATE TABLE use_since (at INTEGER NOT NULL) STRICT;
  INSERT INTO use_since (at) VALUES (unixepoch() * 1000);

  -- KMIP's State, by its number, that the object has once all its dates are reached.
  ALTER TABLE object ADD COLUMN phase INTEGER GENERATED ALWAYS AS (
    CASE
      WHEN destroy_date IS NOT NULL AND compromise_date IS NOT NULL THEN 6
      WHEN destroy_date IS NOT NULL THEN 5
      WHEN compromise_date IS NOT NULL THEN 4
      WHEN activation_date IS NULL THEN 1
      WHEN deactivation_date IS NULL THEN 2
      ELSE 3
    END
  ) VIRTUAL;
  CREATE INDEX object_by_phase ON object (instance_id, phase);
  CREATE TABLE key_count (
    instance_id TEXT NOT NULL,
    phase       INTEGER NOT NULL,
    keys        INTEGER NOT NULL,
    PRIMARY KEY (instance_id, phase)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO key_count (instance_id, phase, keys)
    SELECT instance_id, phase, count(*) FROM object GROUP BY instance_id, phase;
  CREATE TRIGGER count_inserted AFTER INSERT ON object BEGIN
    INSERT INTO key_count (instance_id, phase, keys) VALUES (new.instance_id, new.phase, 1)
      ON CONFLICT (instance_id, phase) DO UPDATE SET keys = keys + 1;
  END;
  CREATE TRIGGER count_deleted AFTER DELETE ON object BEGIN
    UPDATE key_count SET keys = keys - 1 WHERE instance_id = old.instance_id AND phase = old.phase;
  END;
  CREATE TRIGGER count_updated AFTER UPDATE ON object WHEN old.phase <> new.phase BEGIN
    UPDATE key_count SET keys = keys - 1 WHERE instance_id = old.instance_id AND phase = old.phase;
    INSERT INTO key_count (instance_id, phase, keys) VALUES (new.instance_id, new.phase, 1)
      ON CONFLICT (instance_id, phase) DO UPDATE SET keys = keys + 1;
  END;
  -- The few whose dates lay ahead when they were set, so that their State may be another one still.
  CREATE INDEX object_ahead ON object (instance_id)
    WHERE activation_date > last_change_date OR deactivation_date > last_change_date;
  `,
  // The audit trail. What a row says is bound by its hash and its mac; the columns are there to find it.
  `
  CREATE TABLE audit_segment (
    first      INTEGER PRIMARY KEY, -- sequence numbers of its records
    last       INTEGER NOT NULL,
    started_at INTEGER NOT NULL, -- milliseconds since 1970
    ended_at   INTEGER NOT NULL,
    previous   BLOB NOT NULL,
    hash       BLOB NOT NULL,
    compressed INTEGER NOT NULL CHECK (compressed IN (0, 1)), -- 1: zstd
    body       BLOB NOT NULL, -- JSON lines
    sums       BLOB NOT NULL, -- CRC-32 of each line
    mac        BLOB NOT NULL
  ) STRICT;

  CREATE TABLE audit_checkpoint (
    front     INTEGER NOT NULL CHECK (front IN (0, 1)), -- 1: where the trail begins since its beginning was dropped
    number    INTEGER NOT NULL,
    sequence  INTEGER NOT NULL,
    time      INTEGER NOT NULL,
    hash      BLOB NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (front, number)
  ) STRICT, WITHOUT ROWID;
  `,
  // Archived objects, and those that no client has got yet.
  `
  ALTER TABLE object ADD COLUMN archive_date INTEGER;
  ALTER TABLE object ADD COLUMN fresh INTEGER CHECK (fresh IN (0, 1)); -- NULL: not known
  `,
  // How far the audit trail was forwarded.
  `
  CREATE TABLE audit_forwarded (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    sequence   INTEGER NOT NULL,
    checkpoint INTEGER NOT NULL
  ) STRICT;
  `,
  // What the server gives to every new key lies in the object's row.
  moveOwn,
  // What batches that are done as one have changed so far. What is there at the start was never decided.
  `
  CREATE TABLE undecided (
    id          INTEGER PRIMARY KEY,
    batch       TEXT NOT NULL,
    uid         TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    before      TEXT CHECK (before IS NULL OR json_valid(before)), -- NULL: the batch made it
    after       TEXT NOT NULL,
    material_id INTEGER REFERENCES material (id) -- its forms before
  ) STRICT;
  CREATE INDEX undecided_by_batch ON undecided (batch);
  `,
];

/** The version that this program writes. */
export const schemaVersion = steps.length;

/**
 * Brings the database to `target`, each step in a transaction of its own. Throws `data-damaged` for a database of a newer
 * program.
 */
export const migrate = (database: Database, target = schemaVersion): void => {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > schemaVersion) {
    throw new EdgeError('data-damaged', `the database has version ${version}, this program knows ${schemaVersion}`, {
      hint: 'it was written by a newer kmip-edge: run that one, or restore a backup made by this one',
    });
  }
  steps.slice(version, target).forEach((sql, offset) => {
    database.transaction(() => {
      database.exec(sql);
      database.pragma(`user_version = ${version + offset + 1}`);
    })();
  });
};
