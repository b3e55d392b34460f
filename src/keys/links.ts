// Links between objects (KMIP 1.4 section 3.35).

import { attributeItem } from '../kmip/attributes.ts';
import type { LinkType } from '../kmip/enums.ts';
import { encodeItem } from '../kmip/ttlv.ts';
import type { KeptAttribute } from './object.ts';
import type { ObjectWriter } from './object-ports.ts';

/** A link to the object `uid`, with the index after those that are there. */
export const linkTo = (uid: string, type: LinkType, kept: readonly KeptAttribute[]): KeptAttribute => {
  const last = kept.findLast(({ name }) => name === 'Link');
  const value = encodeItem(attributeItem('Link', { LinkType: type, LinkedObjectIdentifier: uid }));
  return { name: 'Link', index: last ? last.index + 1 : 0, value };
};

/** Adds a link from `from` to `to` in a transaction. */
export const addLink = (objects: ObjectWriter, from: string, to: string, type: LinkType): void =>
  objects.addAttribute(from, linkTo(to, type, objects.attributesOf(from)));
