// The kept attributes that the server itself gives to every new key. They lie in the object's row: as rows of their own
// they would be half the cost of a Create, and their index would be one of random digests. Whoever looks for objects by
// them has each object of the instance looked at.

import type { KeptAttribute } from '../../keys/object.ts';
import type { ObjectQuery } from '../../keys/object-ports.ts';

const ownNames = ['Digest', 'Original Creation Date', 'Random Number Generator'] as const;

export const isOwn = ({ name }: { readonly name: string }): boolean => ownNames.some((own) => own === name);

/** As the column holds them; null where there are none. */
export const ownText = (kept: readonly KeptAttribute[]): string | null => {
  const own = kept.filter(isOwn).map(({ name, index, value }) => [name, index, value.toString('hex')]);
  return own.length === 0 ? null : JSON.stringify(own);
};

/** What {@link ownText} made of them. */
export const ownAttributes = (text: string | null): readonly KeptAttribute[] => {
  if (text === null) return [];
  const rows = JSON.parse(text) as readonly (readonly [name: string, index: number, value: string])[];
  return rows.map(([name, index, value]) => ({ name, index, value: Buffer.from(value, 'hex') }));
};

type Wanted = ObjectQuery['attributes'];

/** True where the column has those of the attributes wanted that lie in it. */
export const ownFits = (attributes: Wanted, text: string | null): boolean => {
  const wanted = attributes.filter(isOwn);
  if (wanted.length === 0) return true;
  const kept = ownAttributes(text);
  return wanted.every((one) => hasOwn(kept, one));
};

const hasOwn = (kept: readonly KeptAttribute[], { name, value, until = value }: Wanted[number]): boolean =>
  kept.some(
    (one) => one.name === name && Buffer.compare(one.value, value) >= 0 && Buffer.compare(one.value, until) <= 0,
  );

/** SQL that moves those of an older database into the objects' rows. */
export const moveOwn = `
  ALTER TABLE object ADD COLUMN own TEXT;
  UPDATE object SET own = (
    SELECT json_group_array(json_array(name, attribute_index, lower(hex(value)))) FROM attribute
    WHERE object_id = object.id AND name IN (${ownNames.map((name) => `'${name}'`).join(', ')})
    HAVING count(*) > 0
  );
  DELETE FROM attribute WHERE name IN (${ownNames.map((name) => `'${name}'`).join(', ')});
`;
