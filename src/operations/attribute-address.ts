// Which of an attribute's values is meant: 1.x says its index, 2.x the value itself (KMIP 2.1 sections 6.1.13 and 6.1.32).

import { EdgeError } from '../errors.ts';
import { isDerived, keptValue } from '../keys/attributes.ts';
import type { KeptAttribute } from '../keys/object.ts';
import type { Attribute } from '../kmip/template-attribute.ts';
import type { Version } from '../kmip/version.ts';
import { shorten } from '../shorten.ts';

/** `given` with the index of the value that equals `current`. Throws `attribute-not-found`. */
export const addressed = (
  given: Attribute,
  current: Attribute | undefined,
  kept: readonly KeptAttribute[],
  version: Version,
): Attribute => {
  const { AttributeName: name } = given;
  if (isDerived(name)) return given;
  if (current) return { ...given, AttributeIndex: indexOf(current, kept, version) };
  // Where it has one value, that is meant, whatever its index.
  const own = kept.filter((one) => one.name === name);
  const [only] = own;
  return own.length === 1 && only && given.AttributeIndex === undefined
    ? { ...given, AttributeIndex: only.index }
    : given;
};

/** The index of a value. Throws `attribute-not-found`. */
export const indexOf = (current: Attribute, kept: readonly KeptAttribute[], version: Version): number => {
  const { AttributeName: name, AttributeValue: item } = current;
  const value = keptValue(name, item, version);
  const found = kept.find((one) => one.name === name && one.value.equals(value));
  if (found) return found.index;
  throw new EdgeError(
    'attribute-not-found',
    `the attribute ${shorten(name)} does not have this value`,
    kept.some((one) => one.name === name) ? { finer: 'AttributeInstanceNotFound' } : {},
  );
};
