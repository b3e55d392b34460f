// Single values as text, alike in XML and JSON but for numbers (KMIP Additional Message Encodings 1.0, sections 4.1.6 and
// 6.1.6). Reading takes what either encoding allows; writing gives names where the standard has them.

import { EdgeError } from '../../errors.ts';
import { maskNames } from '../masks.ts';
import { enumName } from '../since.ts';
import { enumerationOf, maskOf } from './names.ts';

const invalid = (what: string, text: string): EdgeError =>
  new EdgeError('invalid-message', `'${text.slice(0, 64)}' is no ${what}`);

const hexNumber = /^0x(?:[0-9a-f]{2})+$/i;

/** A number of `bits` bits, from decimal digits or sign-extended hexadecimal ones. */
const readNumber = (text: string, bits: number, signed: boolean, what: string): bigint => {
  const hex = hexNumber.test(text);
  if (!hex && !/^[+-]?\d{1,20}$/.test(text)) throw invalid(what, text);
  const value = BigInt(text);
  const fitted = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  const fits = hex ? BigInt.asUintN(bits, value) === value : fitted === value;
  if (!fits) throw invalid(what, text);
  return fitted;
};

const digits = (value: bigint, bits: number): string =>
  BigInt.asUintN(bits, value)
    .toString(16)
    .padStart(bits / 4, '0');

/** `separator` is between a mask's names: a space in XML, a bar in JSON. */
export const writeInteger = (value: number, tag: number, separator: string): string => {
  const mask = maskOf(tag);
  if (!mask || value === 0) return String(value);
  return maskNames(mask, value)
    .map((name) => (name.startsWith('0x') ? `0x${name.slice(2).padStart(8, '0')}` : name))
    .join(separator);
};

export const readInteger = (text: string, tag: number): number => {
  const names = maskOf(tag);
  if (!names || /^[+-]?\d+$/.test(text)) return Number(readNumber(text, 32, true, 'Integer'));
  return text
    .split(/[\s|]+/)
    .filter((part) => part !== '')
    .reduce((mask, part) => mask | bitsOf(part, names), 0);
};

/** Leading zeros may be missing, as they are in one of the standard's own examples. */
const bitsOf = (part: string, names: Readonly<Record<string, number>>): number => {
  if (/^0x[0-9a-f]{1,8}$/i.test(part)) return Number.parseInt(part, 16) | 0;
  const bit = Object.hasOwn(names, part) ? names[part] : undefined;
  if (bit === undefined) throw invalid('bit of this mask', part);
  return bit;
};

export const writeEnumeration = (value: number, tag: number): string => enumName(enumerationOf(tag) ?? {}, value);

export const readEnumeration = (text: string, tag: number): number => {
  const names = enumerationOf(tag);
  const named = names && Object.hasOwn(names, text) ? names[text] : undefined;
  return named ?? Number(readNumber(text, 32, false, 'value of this enumeration'));
};

export const readLong = (text: string): bigint => readNumber(text, 64, true, 'Long Integer');

export const readInterval = (text: string): number => Number(readNumber(text, 32, false, 'Interval'));

export const writeLongHex = (value: bigint): string => `0x${digits(value, 64)}`;

/** Sign-extended to whole groups of eight bytes, without 0x. */
export const writeBig = (value: bigint): string => {
  const hex = (value < 0n ? ~value : value).toString(16);
  const bits = 4 * (hex.length - 1) + (32 - Math.clz32(Number.parseInt(hex.charAt(0), 16)));
  // One more for the sign.
  return digits(value, Math.ceil((bits + 1) / 64) * 64);
};

/** With or without 0x; the first bit is the sign. */
export const readBig = (text: string): bigint => {
  const hex = text.replace(/^0x/i, '');
  if (!/^(?:[0-9a-f]{2})+$/i.test(hex)) throw invalid('Big Integer', text);
  return BigInt.asIntN(hex.length * 4, BigInt(`0x${hex}`));
};

export const readBoolean = (text: string): boolean => {
  const value = { true: true, '1': true, false: false, '0': false }[text];
  if (value !== undefined) return value;
  if (/^0x0{15}[01]$/.test(text)) return text.endsWith('1');
  throw invalid('Boolean', text);
};

export const writeBytes = (bytes: Buffer): string => bytes.toString('hex');

export const readBytes = (text: string): Buffer => {
  if (!/^(?:[0-9a-f]{2})*$/i.test(text)) throw invalid('Byte String', `a text of ${text.length} characters`);
  return Buffer.from(text, 'hex');
};

/** As XML Schema writes it, in UTC; a year that it cannot write becomes a hexadecimal number. */
export const writeDateTime = (seconds: bigint): string => {
  const date = new Date(Number(seconds) * 1000);
  const year = date.getUTCFullYear();
  if (Number.isNaN(year) || year < 1 || year > 9999) return writeLongHex(seconds);
  return `${date.toISOString().slice(0, 19)}+00:00`;
};

/** Fractions of a second are cut off. */
export const readDateTime = (text: string): bigint => {
  if (hexNumber.test(text)) return readLong(text);
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  const time = match ? Date.parse(`${match[1]}${match[2] ?? 'Z'}`) : Number.NaN;
  if (Number.isNaN(time)) throw invalid('Date-Time', text);
  return BigInt(time / 1000);
};
