// The dashboard and the alerting rules: each metric and each label that they use exists.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { type MetricName, metrics } from '../../src/telemetry/metrics.ts';

const folder = join(import.meta.dirname, '../../appliance/usr/share/kmip-edge');

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}
const dashboard = JSON.parse(readFileSync(join(folder, 'grafana-dashboard.json'), 'utf8')) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly query: string }[] };
};
interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}
const { groups } = parse(readFileSync(join(folder, 'prometheus-rules.yaml'), 'utf8')) as {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);

/** Labels that the collector adds by itself. */
const collectorLabels = ['job', 'instance', 'le'];

/** The table's name for a name in an expression: a histogram has three. */
const metricOf = (name: string): MetricName | undefined => {
  const bare = name.replace(/_(?:bucket|sum|count)$/, '');
  const found = [name, bare].find((one) => Object.hasOwn(metrics, one));
  return found as MetricName | undefined;
};

const checkExpression = (t: ExecutionContext, expression: string): readonly MetricName[] => {
  const names = [...expression.matchAll(/\b(?:kmip_edge|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);
  const used = names.map((name) => {
    const metric = metricOf(name);
    t.truthy(metric, `${name} in ${expression}`);
    if (metric && metrics[metric].type === 'histogram') t.regex(name, /_(bucket|sum|count)$/, expression);
    return metric;
  });
  const labels = used.flatMap((metric) => (metric ? [...metrics[metric].labels] : []));
  const known = [...labels, ...collectorLabels];
  for (const [, , selector = ''] of expression.matchAll(/([a-z_]+)\{([^}]*)\}/g)) {
    for (const [, label = ''] of selector.matchAll(/([a-z_]+)(?:=~|!~|!=|=)"/g))
      t.true(known.includes(label), expression);
  }
  for (const [, list = ''] of expression.matchAll(/\b(?:by|on) ?\(([^)]*)\)/g)) {
    for (const label of list.split(',')) t.true(known.includes(label.trim()), `${label} in ${expression}`);
  }
  return used.filter((metric) => metric !== undefined);
};

for (const { title, targets = [] } of dashboard.panels.filter(({ type }) => type !== 'row')) {
  test(`the panel '${title}' asks for what there is`, (t) => {
    t.true(targets.length > 0);
    for (const { expr } of targets) t.true(checkExpression(t, expr).length > 0);
  });
}

test('no panel lies over another', (t) => {
  const places = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) => {
    t.true(x + w <= 24);
    return Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`);
  });
  t.is(new Set(places).size, places.length);
});

for (const { alert, expr, labels, annotations } of rules) {
  test(`the alert ${alert} asks for what there is, and says what to do`, (t) => {
    const used = checkExpression(t, expr);
    t.true(used.length > 0 || alert === 'KmipEdgeDown');
    t.regex(labels.severity, /^(critical|warning)$/);
    const texts = Object.values(annotations).join(' ');
    const given = [...used.flatMap((metric) => [...metrics[metric].labels]), ...collectorLabels];
    for (const [, label = ''] of texts.matchAll(/\$labels\.([a-z_]+)/g)) t.true(given.includes(label), texts);
    t.regex(annotations['summary'] ?? '', /\.$/);
    t.regex(annotations['description'] ?? '', /\.$/);
  });
}

test('the alerts are there that somebody must be woken for', (t) => {
  const names = rules.map(({ alert }) => alert);
  t.is(new Set(names).size, names.length);
  for (const wanted of [
    'LeaseRunningOut',
    'UpstreamUnreachable',
    'CertificateEnding',
    'AuditBroken',
    'KeysNotServed',
  ]) {
    t.true(names.includes(`KmipEdge${wanted}`), wanted);
  }
});

test('alarms that the rules name are alarms that there are', (t) => {
  const sources = ['alarm-sources', 'audit-alarms', 'backup-alarms', 'certificate-watch']
    .map((name) => readFileSync(join(import.meta.dirname, `../../src/admin/${name}.ts`), 'utf8'))
    .join('\n');
  const asked = rules.flatMap(({ expr }) => [...expr.matchAll(/kmip_edge_alarms\{name=~?"([^"]+)"/g)]);
  const names = asked.flatMap(([, list = '']) => list.split('|'));
  t.true(names.length > 0);
  for (const name of names) t.true(sources.includes(`name: '${name}'`), name);
});
