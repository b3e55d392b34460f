// What batches that are done as one have changed so far, in a table of its own. The forms of an object before are set aside
// among the material, so that they can be erased as all material can.

import type { Database } from 'better-sqlite3';
import type { ObjectWriter } from '../../keys/object-ports.ts';
import type { Former, UndoWriter } from '../../keys/undo-ports.ts';
import { createMaterial, type MaterialRow } from './material.ts';
import { fromFullRow, type ObjectRow, toRow } from './object-rows.ts';

interface NoteRow {
  readonly batch: string;
  readonly uid: string;
  readonly instance_id: string;
  readonly before: string | null;
  readonly after: string;
  readonly material_id: number | null;
}

interface Before {
  readonly row: ObjectRow;
  /** Name, index and the value in hexadecimal. */
  readonly attributes: readonly (readonly [name: string, index: number, value: string])[];
}

const beforeOf = ({ object, attributes }: Former): Before => ({
  row: toRow(object, null),
  attributes: attributes.map(({ name, index, value }) => [name, index, value.toString('hex')]),
});

/** Undoing behind prepared statements; `objects` are those of the same database. */
export const createUndo = (database: Database, objects: ObjectWriter): UndoWriter => {
  const material = createMaterial(database);
  const insert = database.prepare<[NoteRow]>(
    `INSERT INTO undecided (batch, uid, instance_id, before, after, material_id)
     VALUES (@batch, @uid, @instance_id, @before, @after, @material_id)`,
  );
  const notes = database.prepare<[string], NoteRow>('SELECT * FROM undecided WHERE batch = ? ORDER BY id DESC');
  const forget = database.prepare<[string]>('DELETE FROM undecided WHERE batch = ?');
  const forms = database.prepare<[number], MaterialRow>('SELECT wrapped, sealed FROM material WHERE id = ?');
  const batches = database.prepare<[], string>('SELECT DISTINCT batch FROM undecided ORDER BY id').pluck();
  const touched = database.prepare<[string], 1>('SELECT 1 FROM undecided WHERE uid = ? LIMIT 1').pluck();
  /** What an object is now, to tell whether it is still that. Whether it is fresh changes by itself. */
  const stateOf = (uid: string): string => {
    const object = objects.find(uid);
    if (!object) return '';
    const { fresh, wrapped, sealed, ...rest } = object;
    const { attributes } = beforeOf({ object, attributes: objects.attributesOf(uid) });
    return JSON.stringify([rest, wrapped !== undefined || sealed !== undefined, attributes]);
  };
  const restore = ({ row, attributes }: Before, held: MaterialRow | undefined): void => {
    const former = fromFullRow({ ...row, wrapped: held?.wrapped ?? null, sealed: held?.sealed ?? null });
    objects.update(former);
    objects.setAttributes(
      former.uid,
      attributes.map(([name, index, value]) => ({ name, index, value: Buffer.from(value, 'hex') })),
    );
  };
  const undoOne = ({ uid, before, after, material_id: held }: NoteRow): void => {
    // What somebody else has changed since, or put in its place, is theirs.
    if (after === '' || stateOf(uid) !== after) return;
    if (before === null) objects.remove(uid);
    else restore(JSON.parse(before) as Before, held === null ? undefined : forms.get(held));
  };
  const settle = (batch: string): void => {
    for (const { material_id: id } of notes.all(batch)) if (id !== null) material.erase(id);
    forget.run(batch);
  };
  return {
    undecided: () => batches.all(),
    isUndecided: (uid) => touched.get(uid) !== undefined,
    note(batch, uid, before) {
      insert.run({
        batch,
        uid,
        instance_id: before?.object.instanceId ?? objects.find(uid)?.instanceId ?? '',
        before: before ? JSON.stringify(beforeOf(before)) : null,
        after: stateOf(uid),
        material_id: before ? material.add(before.object) : null,
      });
    },
    undo(batch) {
      const done = notes.all(batch);
      for (const note of done) undoOne(note);
      settle(batch);
      return [...new Map(done.map(({ uid, instance_id: instanceId }) => [uid, { uid, instanceId }])).values()];
    },
    settle,
  };
};
