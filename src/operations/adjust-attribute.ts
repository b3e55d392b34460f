// Adjust Attribute (KMIP 2.1 section 6.1.3): a number made larger or smaller, a truth turned round.

import { EdgeError } from '../errors.ts';
import { modifyAttribute } from '../keys/attribute-changes.ts';
import { selectAttributes } from '../keys/attributes.ts';
import { AdjustmentType } from '../kmip/enums.ts';
import { type Item, ItemType } from '../kmip/item.ts';
import type { Handler } from './handler.ts';

/** Changes a value by what it is now. */
export const adjustAttribute: Handler<'AdjustAttribute'> = async (context, request) => {
  const uid = context.uid(request.UniqueIdentifier);
  const { AttributeReference: name, AdjustmentType: type, AdjustmentValue: by } = request;
  const { caller, version } = context;
  await context.keys.objects.alter(caller, 'AdjustAttribute', uid, (object, kept, now) => {
    const values = selectAttributes(object, kept, [name], version, now);
    const [current, ...others] = values;
    if (!current?.AttributeValue) throw new EdgeError('attribute-not-found', `the object has no ${name} to adjust`);
    if (others.length > 0) throw new EdgeError('multi-valued-attribute', `the attribute ${name} has several values`);
    const adjusted = { ...current, AttributeValue: adjust(current.AttributeValue, type, by) };
    return modifyAttribute(object, kept, adjusted, version, now);
  });
  return { UniqueIdentifier: uid };
};

const adjust = (item: Item, type: AdjustmentType, by: Item | undefined): Item => {
  if (item.type === ItemType.Boolean) {
    if (type !== AdjustmentType.Negate) throw wrongType('a Boolean can only be negated');
    return { ...item, value: !item.value };
  }
  const step = by === undefined ? 1n : numberIn(by);
  const before = numberIn(item);
  const after =
    type === AdjustmentType.Negate ? -before : type === AdjustmentType.Increment ? before + step : before - step;
  return withNumber(item, after);
};

const wrongType = (text: string): EdgeError => new EdgeError('invalid-data-type', text);

const numberIn = (item: Item): bigint => {
  const { value } = item;
  if (item.type === ItemType.Enumeration) throw wrongType('an enumeration cannot be adjusted');
  if (typeof value === 'number' || typeof value === 'bigint') return BigInt(value);
  throw wrongType('only numbers, dates and Booleans can be adjusted');
};

const withNumber = (item: Item, value: bigint): Item => {
  switch (item.type) {
    case ItemType.Integer:
      return { ...item, value: Number(within(value, -(2n ** 31n), 2n ** 31n - 1n)) };
    case ItemType.Interval:
      return { ...item, value: Number(within(value, 0n, 2n ** 32n - 1n)) };
    case ItemType.BigInteger:
      return { ...item, value };
    case ItemType.LongInteger:
    case ItemType.DateTime:
    case ItemType.DateTimeExtended:
      return { ...item, value: within(value, -(2n ** 63n), 2n ** 63n - 1n) };
    default:
      throw wrongType('only numbers, dates and Booleans can be adjusted');
  }
};

const within = (value: bigint, least: bigint, most: bigint): bigint => {
  if (value >= least && value <= most) return value;
  throw new EdgeError('numeric-range', 'the adjusted value is out of range');
};
