// The little XML that an S3 service answers with: the texts of elements, found by name. No more of XML than that is
// understood, and nothing is looked up or expanded.

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const decode = (text: string): string =>
  text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w{1,8}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });

/** What is inside each element of this name, as it is written: for what holds elements itself. */
export const elementsOf = (xml: string, name: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${name}(?:\\s[^<>]*)?>([^]*?)</${name}>`, 'g'))].map(([, inside = '']) => inside);

/** The text of the first element of this name. */
export const textOf = (xml: string, name: string): string | undefined => {
  const [inside] = elementsOf(xml, name);
  return inside === undefined ? undefined : decode(inside);
};
