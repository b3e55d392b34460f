// Numbers of bytes as people write them: '1 MiB', '64 KiB', or a bare number of bytes. Binary units only.

import { EdgeError } from '../errors.ts';

const units = { MiB: 1_048_576, KiB: 1024, B: 1 } as const;
const shape = /^(\d{1,12})\s*(B|KiB|MiB)?$/;

const isUnit = (text: string): text is keyof typeof units => Object.hasOwn(units, text);

/**
 * The bytes that `text` stands for.
 * @throws EdgeError `invalid-field`
 */
export const parseSize = (text: string): number => {
  const [, count, unit = 'B'] = shape.exec(text.trim()) ?? [];
  if (count !== undefined && isUnit(unit)) return Number(count) * units[unit];
  throw new EdgeError('invalid-field', `${JSON.stringify(text)} is not a size`, {
    hint: "write a number of bytes, or a number with KiB or MiB, such as '1 MiB'",
  });
};
