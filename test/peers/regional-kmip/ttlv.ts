// TTLV for the simulator, written apart from src/kmip so that an error in one does not cancel out in the other. Plain
// trees, no schemas, no limits: it answers honest clients in tests.

/** One item. A structure holds items, a date-time seconds as a bigint; numbers are integers, enumerations, intervals. */
export interface Node {
  readonly tag: number;
  readonly type: number;
  readonly value: readonly Node[] | number | bigint | boolean | string | Buffer;
}

export const types = {
  structure: 1,
  integer: 2,
  long: 3,
  big: 4,
  enumeration: 5,
  boolean: 6,
  text: 7,
  bytes: 8,
  dateTime: 9,
  interval: 10,
} as const;

const int32 = (value: number): Buffer => {
  const out = Buffer.alloc(4);
  out.writeInt32BE(value | 0);
  return out;
};

const int64 = (value: bigint): Buffer => {
  const out = Buffer.alloc(8);
  out.writeBigInt64BE(value);
  return out;
};

const body = ({ value }: Node): Buffer => {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (typeof value === 'boolean') return int64(value ? 1n : 0n);
  if (typeof value === 'bigint') return int64(value);
  if (typeof value === 'number') return int32(value);
  return Buffer.concat(value.map(encode));
};

export const encode = (node: Node): Buffer => {
  const content = body(node);
  const head = Buffer.alloc(8);
  head.writeUIntBE(node.tag, 0, 3);
  head.writeUInt8(node.type, 3);
  head.writeUInt32BE(content.length, 4);
  return Buffer.concat([head, content, Buffer.alloc((8 - (content.length % 8)) % 8)]);
};

const contentOf = (type: number, content: Buffer): Node['value'] => {
  if (type === types.structure) return decodeAll(content);
  if (type === types.integer) return content.readInt32BE(0);
  if (type === types.enumeration || type === types.interval) return content.readUInt32BE(0);
  if (type === types.long || type === types.dateTime) return content.readBigInt64BE(0);
  if (type === types.boolean) return content.readBigInt64BE(0) === 1n;
  return type === types.text ? content.toString('utf8') : Buffer.from(content);
};

const decodeAll = (bytes: Buffer): readonly Node[] => {
  const nodes: Node[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 4);
    const type = bytes.readUInt8(at + 3);
    const content = bytes.subarray(at + 8, at + 8 + length);
    nodes.push({ tag: bytes.readUIntBE(at, 3), type, value: contentOf(type, content) });
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return nodes;
};

/** The first item of `bytes`. */
export const decode = (bytes: Buffer): Node => {
  const [first] = decodeAll(bytes);
  if (first === undefined) throw new Error('no item');
  return first;
};

/** The size of the message that begins here, or undefined while its head is not there. */
export const messageSize = (bytes: Buffer): number | undefined =>
  bytes.length < 8 ? undefined : 8 + bytes.readUInt32BE(4);

export const structure = (tag: number, ...value: readonly (Node | undefined)[]): Node => ({
  tag,
  type: types.structure,
  value: value.filter((node) => node !== undefined),
});
export const integer = (tag: number, value: number): Node => ({ tag, type: types.integer, value });
export const enumeration = (tag: number, value: number): Node => ({ tag, type: types.enumeration, value });
export const text = (tag: number, value: string): Node => ({ tag, type: types.text, value });
export const bytes = (tag: number, value: Buffer): Node => ({ tag, type: types.bytes, value });
export const dateTime = (tag: number, value: number): Node => ({ tag, type: types.dateTime, value: BigInt(value) });

/** The children of a structure with this tag. */
export const children = (node: Node | undefined, tag: number): readonly Node[] =>
  Array.isArray(node?.value) ? node.value.filter((child: Node) => child.tag === tag) : [];

export const child = (node: Node | undefined, tag: number): Node | undefined => children(node, tag)[0];

export const numberIn = (node: Node | undefined, tag: number): number | undefined => {
  const value = child(node, tag)?.value;
  return typeof value === 'number' ? value : undefined;
};

export const textIn = (node: Node | undefined, tag: number): string | undefined => {
  const value = child(node, tag)?.value;
  return typeof value === 'string' ? value : undefined;
};
