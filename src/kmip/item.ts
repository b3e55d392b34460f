// The item types of TTLV (KMIP 1.4 section 9.1.1.2, KMIP 2.1 section 11.23) and the shape of a decoded item.

/** The number of an item type as the third field of TTLV carries it. */
export const ItemType = {
  Structure: 0x01,
  Integer: 0x02,
  LongInteger: 0x03,
  BigInteger: 0x04,
  Enumeration: 0x05,
  Boolean: 0x06,
  TextString: 0x07,
  ByteString: 0x08,
  DateTime: 0x09,
  Interval: 0x0a,
  /** Microseconds; since KMIP 2.0. */
  DateTimeExtended: 0x0b,
} as const;
export type ItemTypeName = keyof typeof ItemType;
export type ItemType = (typeof ItemType)[ItemTypeName];

/** What an item of each type holds. */
interface ItemValues {
  readonly Structure: readonly Item[];
  readonly Integer: number;
  readonly LongInteger: bigint;
  readonly BigInteger: bigint;
  readonly Enumeration: number;
  readonly Boolean: boolean;
  readonly TextString: string;
  readonly ByteString: Buffer;
  readonly DateTime: bigint;
  readonly Interval: number;
  readonly DateTimeExtended: bigint;
}

/** One item of one type. */
export interface ItemOf<N extends ItemTypeName> {
  readonly tag: number;
  readonly type: (typeof ItemType)[N];
  readonly value: ItemValues[N];
}

/** Any item: `type` tells what `value` is. */
export type Item = { [N in ItemTypeName]: ItemOf<N> }[ItemTypeName];

const names: ReadonlyMap<number, string> = new Map(Object.entries(ItemType).map(([name, type]) => [type, name]));

/** The name of an item type, or its number in hexadecimal: for messages. */
export const itemTypeName = (type: number): string => names.get(type) ?? `0x${type.toString(16).padStart(2, '0')}`;
