// Sealed secrets by name, and the slots that open the storage key, in SQLite.

import type { Database } from 'better-sqlite3';
import type { SealSlot, SlotWriter, VaultWriter } from '../../keys/seal-ports.ts';

interface SlotRow {
  readonly id: string;
  readonly kind: string;
  readonly parameters: string;
  readonly wrapped: Buffer;
  readonly created_at: number;
}

/** Sealed values by name. */
export const createVault = (database: Database): VaultWriter => {
  const get = database.prepare<[string], Buffer>('SELECT sealed FROM vault WHERE name = ?').pluck();
  const names = database.prepare<[], string>('SELECT name FROM vault ORDER BY name').pluck();
  const any = database.prepare<[], number>('SELECT 1 FROM vault LIMIT 1').pluck();
  const put = database.prepare<[string, Buffer]>(
    'INSERT INTO vault (name, sealed) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed',
  );
  const remove = database.prepare<[string]>('DELETE FROM vault WHERE name = ?');
  return {
    sealedSecret: (name) => get.get(name),
    names: () => names.all(),
    isEmpty: () => any.get() === undefined,
    putSealedSecret: (name, sealed) => void put.run(name, sealed),
    deleteSealedSecret: (name) => void remove.run(name),
  };
};

/** The storage key's slots, oldest first. */
export const createSlots = (database: Database): SlotWriter => {
  const all = database.prepare<[], SlotRow>('SELECT * FROM seal_slot ORDER BY created_at, id');
  const put = database.prepare<[SlotRow]>(
    `INSERT INTO seal_slot (id, kind, parameters, wrapped, created_at)
     VALUES (@id, @kind, @parameters, @wrapped, @created_at)
     ON CONFLICT (id) DO UPDATE SET
       kind = excluded.kind, parameters = excluded.parameters, wrapped = excluded.wrapped, created_at = excluded.created_at`,
  );
  const remove = database.prepare<[string]>('DELETE FROM seal_slot WHERE id = ?');
  return {
    slots: () =>
      all.all().map(({ created_at, parameters, ...row }) => ({
        ...row,
        createdAt: created_at,
        parameters: JSON.parse(parameters) as SealSlot['parameters'],
      })),
    putSlot({ createdAt, parameters, ...slot }) {
      put.run({ ...slot, parameters: JSON.stringify(parameters), created_at: createdAt });
    },
    deleteSlot: (id) => remove.run(id).changes > 0,
  };
};
