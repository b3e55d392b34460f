// The text of the metrics, read back by a strict reader of its format; and the reader itself, on what it must refuse.

import test from 'ava';
import fc from 'fast-check';
import { expose } from '../../src/telemetry/exposition.ts';
import { type MetricName, type MetricReaders, metrics } from '../../src/telemetry/metrics.ts';
import { anyText } from '../kit/any-text.ts';
import { parseStrictly } from './strict-parser.ts';

const none = Object.fromEntries(Object.keys(metrics).map((name) => [name, () => []])) as unknown as MetricReaders;

test('any label value comes back as it was, in both formats', (t) => {
  const names = fc.uniqueArray(anyText({ maxLength: 30 }), { maxLength: 5 });
  fc.assert(
    fc.property(names, fc.boolean(), (instances, openMetrics) => {
      const samples = instances.map((instance, value) => ({ labels: { service_instance: instance }, value }));
      const readers = { ...none, kmip_edge_upstream_reachable: () => samples };
      const families = parseStrictly(expose(readers, openMetrics ? 'openMetrics' : 'text'), openMetrics);
      const found = families.find(({ name }) => name === 'kmip_edge_upstream_reachable')?.samples ?? [];
      t.deepEqual(
        found.map(({ labels }) => labels['service_instance']),
        instances,
      );
    }),
  );
});

test('histograms are cumulative and end with all that was counted', (t) => {
  const counts = fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(counts, fc.boolean(), (given, openMetrics) => {
      const sample = { labels: { operation: 'Get' }, bounds: [0.001, 0.5, 1], counts: given, sum: 7.5 };
      const readers = { ...none, kmip_edge_request_duration_seconds: () => [sample] };
      const families = parseStrictly(expose(readers, openMetrics ? 'openMetrics' : 'text'), openMetrics);
      const all = families.flatMap(({ samples }) => samples).find(({ name }) => name.endsWith('_count'));
      t.is(
        all?.value,
        given.reduce((sum, one) => sum + one, 0),
      );
    }),
  );
});

test('without a limit is +Inf', (t) => {
  const lease = () => [{ labels: { service_instance: 'a' }, value: Number.POSITIVE_INFINITY }];
  t.regex(expose({ ...none, kmip_edge_lease_remaining_seconds: lease }, 'text'), /\{service_instance="a"\} \+Inf\n/);
});

test('a metric never has more than so many series', (t) => {
  function* many() {
    for (let index = 0; ; index += 1) yield { labels: { service_instance: `i${index}` }, value: 1 };
  }
  const text = expose({ ...none, kmip_edge_clients: many }, 'text');
  t.is(parseStrictly(text).find(({ name }) => name === 'kmip_edge_clients')?.samples.length, 5000);
});

for (const name of Object.keys(metrics) as MetricName[]) {
  test(`${name} is named after the conventions`, (t) => {
    const { type, help, labels } = metrics[name];
    t.regex(name, /^(?:kmip_edge|process|nodejs)_[a-z][a-z0-9_]*$/);
    t.is(type === 'counter', name.endsWith('_total'));
    if (type === 'histogram') t.true(name.endsWith('_seconds'));
    t.regex(help, /^[A-Z0-9+].*\.$/);
    for (const label of labels) t.regex(label, /^[a-z]+(?:_[a-z]+)*$/);
  });
}

const wrong: readonly (readonly [what: string, text: string])[] = [
  ['a line without an end', '# HELP a b\n# TYPE a gauge\na 1'],
  ['a sample without a type', 'a 1\n'],
  ['a type without help', '# TYPE a gauge\na 1\n'],
  ['a family that comes twice', '# HELP a b\n# TYPE a gauge\na 1\n# HELP a b\n# TYPE a gauge\n'],
  ['a series that comes twice', '# HELP a b\n# TYPE a gauge\na{x="1"} 1\na{x="1"} 2\n'],
  ['a quote that is not escaped', '# HELP a b\n# TYPE a gauge\na{x="1"2"} 1\n'],
  ['a number that is none', '# HELP a b\n# TYPE a gauge\na 0x10\n'],
  ['a counter that is not called so', '# HELP a b\n# TYPE a counter\na 1\n'],
  [
    'a histogram that shrinks',
    '# HELP h b\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
  ],
  ['a histogram without all', '# HELP h b\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_sum 1\nh_count 2\n'],
];
for (const [what, text] of wrong) {
  test(`the strict reader refuses ${what}`, (t) => void t.throws(() => parseStrictly(text)));
}
test('the strict reader refuses OpenMetrics without an end', (t) => {
  t.throws(() => parseStrictly('# HELP a b\n# TYPE a gauge\na 1\n', true), { message: /EOF/ });
});
