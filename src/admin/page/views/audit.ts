// The audit trail: who did what with which key, looked for, a page at a time.

import type { Input, Output } from '../../api/table.ts';
import { moment } from '../format.ts';
import { type Children, html, type Node, put } from '../html.ts';
import { useLive } from '../live.ts';
import { button } from '../parts/button.ts';
import { breakable } from '../parts/copy.ts';
import { selectField, textField } from '../parts/field.ts';
import { type FormValues, form } from '../parts/form.ts';
import { problemNotice } from '../parts/notification.ts';
import { table } from '../parts/table.ts';
import { heading, loading, type State, state, tile } from '../parts/tile.ts';
import { ProblemError } from '../problem.ts';
import { goTo, linkTo } from '../router.ts';
import type { ViewProps } from '../view.ts';
import { Trail } from './audit-trail.ts';

type Found = Output['audit.list']['records'][number];

const pageSize = 50;
const filters = ['client', 'instance', 'key', 'event', 'outcome', 'since', 'until'] as const;
const outcomes = [
  ['', 'any'],
  ['success', 'success'],
  ['refused', 'refused'],
  ['failed', 'failed'],
] as const;

export const Audit = ({ query }: ViewProps): Node => put(Records, { query, key: query.toString() });

const Records = ({ query }: { readonly query: URLSearchParams }): Node => {
  const wanted = Object.fromEntries(
    [...query].filter(([name]) => (filters as readonly string[]).includes(name)),
  ) as Input['audit.list'];
  const before = query.get('before') ?? undefined;
  const cursor = before === undefined ? {} : { before: Number(before) };
  const records = useLive('audit.list', { ...wanted, ...cursor, limit: pageSize }, before === undefined ? 10_000 : 0);
  return html`${heading({ title: 'Audit', text: 'Who did what with which key, who administered, and who was turned away. Each record is bound to the ones before it, so that none can be changed unseen.' })}
    <div class="stack">
      ${put(Trail, {})}
      ${tile({}, searchForm(wanted))}
      ${problemNotice(records.problem)}
      ${records.data ? tile({}, recordTable(records.data.records), footer(records.data, wanted, before)) : !records.problem && loading('the records')}
    </div>`;
};

const searchForm = (wanted: Input['audit.list']): Node =>
  form(
    { submit: 'Search', onSubmit: async (values) => goTo(['audit'], readFilters(values)) },
    html`<div class="grid grid-figures">
      ${textField({ name: 'client', label: 'Who', required: false, value: wanted.client ?? '', placeholder: 'name or fingerprint', maxLength: 256 })}
      ${textField({ name: 'instance', label: 'Service instance', required: false, value: wanted.instance ?? '', maxLength: 256 })}
      ${selectField({ name: 'outcome', label: 'Outcome', required: false, value: wanted.outcome ?? '', options: outcomes })}
    </div>
    <details class="more" open=${wanted.key !== undefined || wanted.event !== undefined || wanted.since !== undefined || wanted.until !== undefined}><summary>More to look for</summary>
      ${textField({ name: 'key', label: 'Key', required: false, value: wanted.key ?? '', help: 'Its unique identifier.', maxLength: 256 })}
      ${textField({ name: 'event', label: 'Event or operation', required: false, value: wanted.event ?? '', placeholder: 'Destroy', maxLength: 256 })}
      ${timeField('since', 'From', wanted.since)}
      ${timeField('until', 'Until', wanted.until)}
    </details>`,
  );

const timePattern = [
  '\\d{4}-\\d{2}-\\d{2}( \\d{2}:\\d{2})?',
  'A day, or a day and a time, such as 2026-11-25 14:00.',
] as const;

/** In the reader's zone. A line of text: what a browser shows for a moment loads pictures that this page forbids. */
const timeField = (name: string, label: string, iso: string | undefined): Node =>
  textField({
    name,
    label,
    required: false,
    value: iso === undefined ? '' : localTime(new Date(iso)),
    placeholder: '2026-11-25 14:00',
    pattern: timePattern,
    maxLength: 16,
  });

const localTime = (time: Date): string =>
  new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16).replace('T', ' ');

/** Throws for a day that there is not. */
const utcTime = (text: string): string => {
  const time = new Date(text.length > 10 ? text.replace(' ', 'T') : `${text}T00:00`);
  if (Number.isNaN(time.getTime())) {
    throw new ProblemError({ kind: 'invalid-field', message: `${text} is not a day and a time`, hint: '' }, 400);
  }
  return time.toISOString();
};

const times: readonly string[] = ['since', 'until'];

const readFilters = (values: FormValues): Readonly<Record<string, string>> =>
  Object.fromEntries(
    filters.flatMap((name) => {
      const value = values.optional(name);
      if (value === undefined) return [];
      return [[name, times.includes(name) ? utcTime(value) : value]];
    }),
  );

const recordTable = (rows: readonly Found[]): Node =>
  table({
    caption: 'Audit records, the newest first',
    hideCaption: true,
    rows,
    key: ({ sequence }) => String(sequence),
    none: 'No record fits',
    noneText: 'A page may also be empty because much was looked at: where there are older ones, go on.',
    columns: [
      { title: 'When', cell: ({ time }) => html`<time datetime=${time} title=${time}>${moment(time)}</time>` },
      { title: 'What', cell: ({ operation, event }) => html`<span title=${event}>${dotted(operation)}</span>` },
      { title: 'Outcome', cell: outcomeOf },
      { title: 'Who', cell: whoOf },
      { title: 'About', cell: aboutOf },
    ],
  });

/** A name of parts goes on in the next line after a dot. */
const dotted = (text: string): readonly Children[] => text.split(/(?<=\.)/).flatMap((part) => [part, html`<wbr />`]);

const states: Readonly<Record<Found['outcome'], State>> = { success: 'success', refused: 'warning', failed: 'error' };

const outcomeOf = ({ outcome, served, problem, reason }: Found): Children => {
  const note = problem ?? reason ?? (served === undefined ? undefined : `from ${served}`);
  return html`${state(states[outcome], outcome)}${note !== undefined && html`<span class="aside">${breakable(note)}</span>`}`;
};

const whoOf = ({ by, name, role, address, fingerprint }: Found): Children => {
  const where = [role, address].filter(Boolean).join(', ');
  return html`${by === 'client' ? name : `${by} ${name}`}
    ${where !== '' && html`<span class="aside" title=${fingerprint}>${where}</span>`}`;
};

const aboutOf = ({ key, instance, subject = {} }: Found): Children => {
  const named = Object.entries(subject)
    .filter(([, value]) => value !== instance && value !== '')
    .map(([name, value]) => `${name} ${value}`);
  const lines = [instance, ...named].filter((text) => text !== undefined).join(', ');
  return html`${key !== undefined && html`<a href=${linkTo(['keys', key])}><code>${breakable(key)}</code></a>`}
    ${lines !== '' && html`<span class=${key === undefined ? '' : 'aside'}>${breakable(lines)}</span>`}`;
};

const footer = ({ next }: Output['audit.list'], wanted: Input['audit.list'], before: string | undefined): Node => {
  const kept = Object.fromEntries(Object.entries(wanted).map(([name, value]) => [name, String(value)]));
  return html`<div class="actions">
    ${before !== undefined && button({ kind: 'ghost', href: linkTo(['audit'], kept) }, 'Newest')}
    ${next !== undefined && button({ kind: 'tertiary', href: linkTo(['audit'], { ...kept, before: String(next) }) }, 'Older')}
  </div>`;
};
