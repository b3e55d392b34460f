// What goes for good, a bounded piece at a time: the sealed copies of an instance's keys, or the keys themselves.

import type { Database } from 'better-sqlite3';
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
  // Attributes and former forms go with their object.
  const remove = database.prepare<[number]>('DELETE FROM object WHERE id = ?');
  return {
    eraseCopies(instanceId, after, limit) {
      const objects = next.all(instanceId, after, limit);
      for (const { id, material_id } of objects) {
        if (material_id === null) continue;
        const kept = material.withoutCopy(material_id);
        if (kept !== material_id) setMaterial.run(kept, id);
      }
      return objects.length < limit ? undefined : objects.at(-1)?.id;
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
