// What goes for good, a bounded piece at a time: the sealed copies of an instance's keys, or the keys themselves.

import type { Database, Statement } from 'better-sqlite3';
import type { ErasureWriter } from '../../keys/removal-ports.ts';
import { createMaterial } from './material.ts';

interface MaterialOf {
  readonly id: number;
  readonly material_id: number | null;
  /** The form of the upstream before, while its keys move. */
  readonly former_id: number | null;
}

/** Erasing behind prepared statements. */
export const createErasure = (database: Database): ErasureWriter => {
  const material = createMaterial(database);
  const next = database.prepare<[string, number, number], MaterialOf>(
    `SELECT object.id, object.material_id, former.material_id AS former_id
     FROM object LEFT JOIN former ON former.object_id = object.id
     WHERE instance_id = ? AND object.id > ? ORDER BY object.id LIMIT ?`,
  );
  const setMaterial = database.prepare<[number | null, number]>('UPDATE object SET material_id = ? WHERE id = ?');
  // Undoing would bring the copy back.
  const setAside = database.prepare<[string], { readonly id: number; readonly material_id: number }>(
    'SELECT id, material_id FROM undecided WHERE instance_id = ? AND material_id IS NOT NULL',
  );
  const setUndecided = database.prepare<[number | null, number]>('UPDATE undecided SET material_id = ? WHERE id = ?');
  const setFormer = database.prepare<[number, number]>('UPDATE former SET material_id = ? WHERE object_id = ?');
  const dropFormer = database.prepare<[number]>('DELETE FROM former WHERE object_id = ?');
  // Attributes and former forms go with their object.
  const remove = database.prepare<[number]>('DELETE FROM object WHERE id = ?');
  const eraseCopy = (set: Statement<[number | null, number]>, id: number, materialId: number): void => {
    const kept = material.withoutCopy(materialId);
    if (kept !== materialId) set.run(kept, id);
  };
  /** Of a key that moved away from an endpoint the copy is all there was. */
  const eraseFormerCopy = (objectId: number, materialId: number): void => {
    const kept = material.withoutCopy(materialId);
    if (kept === null) dropFormer.run(objectId);
    else setFormer.run(kept, objectId);
  };
  return {
    eraseCopies(instanceId, after, limit) {
      const objects = next.all(instanceId, after, limit);
      for (const { id, material_id, former_id } of objects) {
        if (material_id !== null) eraseCopy(setMaterial, id, material_id);
        if (former_id !== null) eraseFormerCopy(id, former_id);
      }
      if (objects.length === limit) return objects.at(-1)?.id;
      for (const { id, material_id } of setAside.all(instanceId)) eraseCopy(setUndecided, id, material_id);
      return undefined;
    },
    eraseObjects(instanceId, limit) {
      const objects = next.all(instanceId, 0, limit);
      for (const { id, material_id, former_id } of objects) {
        remove.run(id);
        if (material_id !== null) material.erase(material_id);
        if (former_id !== null) material.erase(former_id);
      }
      return objects.length;
    },
  };
};
