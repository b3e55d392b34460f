// Which of two media types a request asks for (RFC 9110 section 12.5.1), as far as it matters here: Prometheus says which
// formats it takes and which it likes best.

/** The one of `first` and `second` that `accept` likes better; `first` where it does not say. */
export const preferred = (accept: string | undefined, first: string, second: string): string => {
  const ranges = (accept ?? '').slice(0, 2000).split(',').map(readRange);
  return likingOf(ranges, second) > likingOf(ranges, first) ? second : first;
};

interface Range {
  readonly type: string;
  readonly version: string | undefined;
  readonly quality: number;
}

const readRange = (text: string): Range => {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const parameter = (name: string) => parameters.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
  const quality = Number(parameter('q') ?? 1);
  return { type, version: parameter('version')?.replaceAll('"', ''), quality: Number.isNaN(quality) ? 0 : quality };
};

/** Only what names the type counts: a wildcard likes both the same. */
const likingOf = (ranges: readonly Range[], media: string): number => {
  const { type, version } = readRange(media);
  const fits = (range: Range) => range.type === type && (range.version === undefined || range.version === version);
  return Math.max(0, ...ranges.filter(fits).map(({ quality }) => quality));
};
