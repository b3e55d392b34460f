// The metrics as text, in the format of Prometheus (0.0.4) and in OpenMetrics 1.0, which differs in little: the name of a
// counter in its description, the form of numbers, and an end that shows that nothing was cut off. Written here because the
// common library takes 20 MB of memory when it is loaded.

import { type MetricName, type MetricReaders, metrics, type Sample } from './metrics.ts';

export const mediaTypes = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openMetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const;
export type Format = keyof typeof mediaTypes;

/** The most series of one metric: what is beyond them is left out, so that no set-up makes an answer without end. */
const mostSeries = 5000;

/** Everything, read now. */
export const expose = (readers: MetricReaders, format: Format): string => {
  const lines: string[] = [];
  for (const name of Object.keys(metrics) as MetricName[]) addMetric(lines, name, readers, format);
  if (format === 'openMetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
};

const addMetric = (lines: string[], name: MetricName, readers: MetricReaders, format: Format): void => {
  const { type, help } = metrics[name];
  const family = format === 'openMetrics' && type === 'counter' ? name.replace(/_total$/, '') : name;
  lines.push(`# HELP ${family} ${escapeHelp(help)}`, `# TYPE ${family} ${type}`);
  const samples: Iterable<Sample> = readers[name]();
  let series = 0;
  for (const sample of samples) {
    series += 1;
    if (series > mostSeries) return;
    if ('counts' in sample) addDistribution(lines, name, sample, format);
    else lines.push(`${name}${labelText(sample.labels)} ${numberText(sample.value)}`);
  }
};

const addDistribution = (
  lines: string[],
  name: MetricName,
  { labels, bounds, counts, sum }: Extract<Sample, { readonly counts: unknown }>,
  format: Format,
): void => {
  let below = 0;
  for (let index = 0; index <= bounds.length; index += 1) {
    below += counts[index] ?? 0;
    const bound = bounds[index];
    const le = bound === undefined ? '+Inf' : boundText(bound, format);
    lines.push(`${name}_bucket${labelText({ ...labels, le })} ${numberText(below)}`);
  }
  lines.push(`${name}_sum${labelText(labels)} ${numberText(sum)}`);
  lines.push(`${name}_count${labelText(labels)} ${numberText(below)}`);
};

/** OpenMetrics writes a whole number of a bound as 1.0. */
const boundText = (bound: number, format: Format): string =>
  format === 'openMetrics' && Number.isInteger(bound) ? `${bound}.0` : String(bound);

const numberText = (value: number): string => {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
};

const labelText = (labels: Readonly<Record<string, string>>): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escapeValue = (text: string): string => escapeHelp(text).replaceAll('"', '\\"');
