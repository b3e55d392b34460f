// A strict reader of the Prometheus text format (0.0.4) and of OpenMetrics 1.0, after their descriptions: what a lenient
// collector would let pass is an error here.

export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: ParsedSample[];
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s;
const numberForm = /^(?:[+-]Inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const labelForm = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;

const fail = (problem: string, line = ''): never => {
  throw new Error(`${problem}: ${line}`);
};

/** All families. Throws for anything that is not as it must be. */
export const parseStrictly = (text: string, openMetrics = false): readonly ParsedFamily[] => {
  if (!text.endsWith('\n')) fail('the last line has no end');
  const lines = text.slice(0, -1).split('\n');
  if (openMetrics && lines.pop() !== '# EOF') fail('there is no # EOF at the end');
  const reader = new Reader(openMetrics);
  for (const line of lines) reader.read(line);
  for (const family of reader.families.values()) checkFamily(family, openMetrics);
  return [...reader.families.values()];
};

class Reader {
  readonly families = new Map<string, ParsedFamily>();
  readonly #openMetrics: boolean;
  readonly #seen = new Set<string>();
  #help: { readonly name: string; readonly text: string } | undefined;
  #current: ParsedFamily | undefined;

  constructor(openMetrics: boolean) {
    this.#openMetrics = openMetrics;
  }

  read(line: string): void {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword !== undefined && this.families.has(name)) fail('described twice', line);
    if (keyword === 'HELP') this.#help = { name, text: rest };
    else if (keyword === 'TYPE') this.#type(name, rest, line);
    else this.#sample(line);
  }

  #type(name: string, type: string, line: string): void {
    if (this.#help?.name !== name) fail('TYPE without its HELP before it', line);
    if (!['counter', 'gauge', 'histogram'].includes(type)) fail('not a type', line);
    this.#current = { name, type, help: this.#help?.text ?? '', samples: [] };
    this.families.set(name, this.#current);
  }

  #sample(line: string): void {
    const sample = readSample(line);
    const family = this.#current ?? fail('a sample before any family', line);
    if (!belongs(sample.name, family, this.#openMetrics)) fail('a sample outside its family', line);
    const series = JSON.stringify([sample.name, Object.entries(sample.labels).toSorted()]);
    if (this.#seen.has(series)) fail('the same series twice', line);
    this.#seen.add(series);
    family.samples.push(sample);
  }
}

const readSample = (line: string): ParsedSample => {
  const [, name = '', labelText, number = ''] = sampleLine.exec(line) ?? fail('not a sample', line);
  if (!numberForm.test(number)) fail('not a number', line);
  return { name, labels: readLabels(labelText, line), value: Number(number.replace('Inf', 'Infinity')) };
};

const readLabels = (text: string | undefined, line: string): Record<string, string> => {
  const labels: Record<string, string> = {};
  if (text === undefined) return labels;
  labelForm.lastIndex = 0;
  while (labelForm.lastIndex < text.length) {
    const [, name = '', value = '', separator = ''] = labelForm.exec(text) ?? fail('labels cannot be read', line);
    if (separator === ',' && labelForm.lastIndex === text.length) fail('a comma at the end', line);
    if (name in labels || name.startsWith('__')) fail('a label twice, or a reserved one', line);
    labels[name] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
};

const belongs = (name: string, { name: family, type }: ParsedFamily, openMetrics: boolean): boolean => {
  if (type === 'histogram') return [`${family}_bucket`, `${family}_sum`, `${family}_count`].includes(name);
  return name === (type === 'counter' && openMetrics ? `${family}_total` : family);
};

const checkFamily = (family: ParsedFamily, openMetrics: boolean): void => {
  const { name, type, samples } = family;
  if (type === 'counter') {
    if (!openMetrics && !name.endsWith('_total')) fail('a counter that does not end in _total', name);
    if (samples.some(({ value }) => !(value >= 0))) fail('a counter below 0', name);
  } else if (name.endsWith('_total')) fail('_total on what is no counter', name);
  if (type === 'histogram') checkHistogram(family, openMetrics);
};

const checkHistogram = ({ name, samples }: ParsedFamily, openMetrics: boolean): void => {
  const keyOf = ({ le: _, ...labels }: Readonly<Record<string, string>>): string => JSON.stringify(labels);
  for (const key of new Set(samples.map(({ labels }) => keyOf(labels)))) {
    const own = samples.filter(({ labels }) => keyOf(labels) === key);
    const buckets = own.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => Number((labels['le'] ?? '').replace('Inf', 'Infinity')));
    if (bounds.some((bound, index) => !(bound > (bounds[index - 1] ?? Number.NEGATIVE_INFINITY)))) fail('bounds', key);
    if (buckets.some(({ value }, index) => value < (buckets[index - 1]?.value ?? 0))) fail('not cumulative', key);
    const count = own.find((sample) => sample.name === `${name}_count`)?.value;
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY || buckets.at(-1)?.value !== count) fail('+Inf is not all', key);
    if (!own.some((sample) => sample.name === `${name}_sum` && sample.value >= 0)) fail('no sum', key);
    const texts = buckets.map(({ labels }) => labels['le'] ?? '');
    if (openMetrics && texts.some((le) => /^\d+$/.test(le))) fail('a bound that is not a float', key);
  }
};
