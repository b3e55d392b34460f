// What a change that an endpoint has made leaves behind here: as the endpoint describes the object afterwards or, where it
// does not tell, as the change must have left it.

import { attributeValue } from '../kmip/attributes.ts';
import { V1_4 } from '../kmip/version.ts';
import { isDerived, keptValue } from './attributes.ts';
import type { Change, Told } from './authority.ts';
import { updated } from './endpoint-object.ts';
import { activated, destroyed, revoked } from './life-cycle.ts';
import type { KeptAttribute, ManagedObject, Seconds } from './object.ts';
import { isSettableDate, settableDates } from './template.ts';
import type { EndpointObject } from './upstream-ports.ts';

/** After `change`, as the endpoint has it; `kept` are the attributes that a client may see. */
export const toldBy = (described: EndpointObject, kept: readonly KeptAttribute[], change: Change): Told => ({
  attributes: kept,
  object: (current, now) => {
    const next = updated(current, described, now);
    if (change.act !== 'destroy') return next;
    // The material goes; the dates are the endpoint's.
    return { ...destroyed(next, now), destroyDate: next.destroyDate ?? now, lastChangeDate: next.lastChangeDate };
  },
});

/** The same where the endpoint did not say; `kept` are the attributes before, `index` is that of a new one. */
export const toldByChange = (kept: readonly KeptAttribute[], change: Change, index: number | undefined): Told => {
  const object = (current: ManagedObject, now: Seconds): ManagedObject => changed(current, change, now);
  const added = change.act === 'add attribute' ? keptOf(change, index ?? 0) : undefined;
  if (!added) return { object };
  const others = kept.filter((one) => one.name !== added.name || one.index !== added.index);
  return { object, attributes: [...others, added] };
};

type Addition = Extract<Change, { readonly act: 'add attribute' }>;

const keptOf = ({ attribute }: Addition, index: number): KeptAttribute | undefined => {
  const { AttributeName: name, AttributeValue: item } = attribute;
  return isDerived(name) ? undefined : { name, index, value: keptValue(name, item, V1_4) };
};

const changed = (current: ManagedObject, change: Change, now: Seconds): ManagedObject => {
  switch (change.act) {
    case 'activate':
      return activated(current, now);
    case 'destroy':
      return destroyed(current, now);
    case 'revoke':
      return revoked(current, change.reason, change.compromise, now);
    case 'add attribute':
      return { ...withDate(current, change), lastChangeDate: now };
  }
};

const withDate = (current: ManagedObject, { attribute }: Addition): ManagedObject => {
  const { AttributeName: name, AttributeValue: item } = attribute;
  return isSettableDate(name) ? { ...current, [settableDates[name]]: attributeValue(name, item) } : current;
};
