// Any text that UTF-8 can carry. fast-check has such a text too, but first makes a table of all 1.1 million code points for
// it, which takes a second in each test file.

import fc from 'fast-check';

export interface TextBounds {
  readonly minLength?: number;
  /** In code points; some fast-check chooses. */
  readonly maxLength?: number;
}

/** All but half a surrogate pair: the rare ones as often as those that are one byte. */
const codePoint = fc
  .oneof(
    fc.integer({ min: 0, max: 0x7f }),
    fc.integer({ min: 0x80, max: 0x7ff }),
    fc.integer({ min: 0x800, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0xffff }),
    fc.integer({ min: 0x10000, max: 0x10ffff }),
  )
  .map((code) => String.fromCodePoint(code));

/** fast-check's own brings the names that JavaScript gives a meaning, such as `__proto__`. */
export const anyText = (bounds: TextBounds = {}): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.array(codePoint, bounds).map((characters) => characters.join('')) },
    { weight: 1, arbitrary: fc.string(bounds) },
  );
