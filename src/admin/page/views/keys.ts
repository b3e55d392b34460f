// Keys: looked for by what vCenter calls them, and one with all that is known of it, to be revoked or destroyed. Their bytes
// are never on the page.

import { useState } from 'preact/hooks';
import type { Input, Output } from '../../api/table.ts';
import { announce } from '../announce.ts';
import { call } from '../api.ts';
import { count, moment, relative } from '../format.ts';
import { type Children, html, type Node, put } from '../html.ts';
import { type Live, useLive } from '../live.ts';
import { button } from '../parts/button.ts';
import { breakable, copyable } from '../parts/copy.ts';
import { selectField, textField } from '../parts/field.ts';
import { type FormValues, form } from '../parts/form.ts';
import { confirm, modal } from '../parts/modal.ts';
import { notification, problemNotice } from '../parts/notification.ts';
import { table } from '../parts/table.ts';
import { facts, heading, loading, type State, state, tile } from '../parts/tile.ts';
import { goTo, linkTo } from '../router.ts';
import type { ViewProps } from '../view.ts';

type Found = Output['key.list']['keys'][number];
type Detail = Output['key.show'];
type Reason = Input['key.revoke']['reason'];

const pageSize = 50;
const filters = ['instance', 'name', 'attribute', 'uid', 'state', 'client'] as const;
const states = ['PreActive', 'Active', 'Deactivated', 'Compromised', 'Destroyed', 'DestroyedCompromised'] as const;

export const Keys = ({ path: [uid], query }: ViewProps): Node =>
  uid === undefined ? put(KeyList, { query, key: query.toString() }) : put(OneKey, { uid, key: uid });

const KeyList = ({ query }: { readonly query: URLSearchParams }): Node => {
  const instances = useLive('instance.list', {}, 0);
  const wanted = Object.fromEntries(
    [...query].filter(([name]) => (filters as readonly string[]).includes(name)),
  ) as Input['key.list'];
  const cursor = query.get('cursor') ?? undefined;
  const keys = useLive('key.list', { ...wanted, limit: pageSize, cursor }, 15_000);
  return html`${heading({ title: 'Keys', text: 'Found by what vCenter writes into them: the host or virtual machine in x-Name, which of both in x-Component.' })}
    <div class="stack">
      ${tile({}, searchForm(wanted, instances.data?.map(({ name }) => name) ?? []))}
      ${problemNotice(keys.problem)}
      ${keys.data ? tile({}, keyTable(keys.data.keys), footer(keys.data, wanted, cursor)) : !keys.problem && loading('the keys')}
    </div>`;
};

const searchForm = (wanted: Input['key.list'], instances: readonly string[]): Node =>
  form(
    { submit: 'Search', onSubmit: async (values) => goTo(['keys'], readFilters(values)) },
    html`<div class="grid grid-figures">
      ${textField({ name: 'name', label: 'Name', required: false, value: wanted.name ?? '', type: 'search', maxLength: 4096 })}
      ${selectField({ name: 'instance', label: 'Service instance', required: false, value: wanted.instance ?? '', options: [['', 'any'], ...instances.map((name) => [name, name] as const)] })}
      ${selectField({ name: 'state', label: 'State', required: false, value: wanted.state ?? '', options: [['', 'any'], ...states.map((name) => [name, name] as const)] })}
    </div>
    <details class="more" open=${wanted.uid !== undefined || wanted.attribute !== undefined || wanted.client !== undefined}><summary>More to look for</summary>
      ${textField({ name: 'uid', label: 'Unique identifier', required: false, value: wanted.uid ?? '', maxLength: 255 })}
      ${textField({ name: 'attribute', label: 'Attribute', required: false, value: wanted.attribute ?? '', placeholder: 'x-Component=Virtual Machine', pattern: ['[^=]+=.*', 'A name, an equals sign and a text.'], maxLength: 4096 })}
      ${textField({ name: 'client', label: 'Client that fetched it last', required: false, value: wanted.client ?? '', maxLength: 128 })}
    </details>`,
  );

const readFilters = (values: FormValues): Readonly<Record<string, string>> =>
  Object.fromEntries(
    filters.flatMap((name) => {
      const value = values.optional(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );

const keyTable = (rows: readonly Found[]): Node =>
  table({
    caption: 'Keys',
    hideCaption: true,
    rows,
    key: ({ uid }) => uid,
    none: 'No key fits',
    noneText: 'A page may also be empty because much was looked at: where there is a next page, go on.',
    columns: [
      {
        title: 'Key',
        cell: ({
          uid,
          names,
        }) => html`<a href=${linkTo(['keys', uid])}>${names[0] ?? html`<code>${breakable(uid)}</code>`}</a>
          ${names.length > 0 && html`<span class="aside"><code>${breakable(uid)}</code></span>`}`,
      },
      { title: 'State', cell: (key) => keyState(key.state) },
      { title: 'Instance', cell: ({ instance }) => instance },
      { title: 'Made', cell: ({ initialDate }) => moment(initialDate) },
      { title: 'Last fetched', cell: fetchedText },
    ],
  });

const fetchedText = ({ fetchedAt, fetchedBy }: Pick<Found, 'fetchedAt' | 'fetchedBy'>): string =>
  fetchedAt === undefined ? 'not known' : `${relative(fetchedAt)} by ${fetchedBy}`;

const kinds: Readonly<Record<string, State>> = { Active: 'success', PreActive: 'pending', Deactivated: 'info' };
const keyState = (name: string): Node => state(kinds[name] ?? 'warning', name);

const footer = (
  { keys, total, next }: Output['key.list'],
  wanted: Input['key.list'],
  cursor: string | undefined,
): Node => {
  const kept = Object.fromEntries(Object.entries(wanted).map(([name, value]) => [name, String(value)]));
  return html`<div class="actions">
    <span>${count(keys.length)} shown, ${count(total)} keys in all</span>
    ${cursor !== undefined && button({ kind: 'ghost', href: linkTo(['keys'], kept) }, 'First page')}
    ${next !== undefined && button({ kind: 'tertiary', href: linkTo(['keys'], { ...kept, cursor: next }) }, 'Next page')}
  </div>`;
};

type Dialog = 'revoke' | 'destroy';

const OneKey = ({ uid }: { readonly uid: string }): Node => {
  const key = useLive('key.show', { uid }, 15_000);
  const [dialog, setDialog] = useState<Dialog | undefined>(undefined);
  const close = (): void => setDialog(undefined);
  return html`${heading(
    { title: key.data?.names[0] ?? 'Key', parents: [['Keys', linkTo(['keys'])]] },
    key.data && keyButtons(key.data, setDialog),
  )}
    <div class="stack">
      ${problemNotice(key.problem)}
      ${key.data ? keyFacts(key.data) : !key.problem && loading('the key')}
    </div>
    ${key.data && dialog === 'revoke' && revokeDialog(key.data, key, close)}
    ${key.data && dialog === 'destroy' && destroyDialog(key.data, key, close)}`;
};

const revocable = ['PreActive', 'Active', 'Deactivated', 'Destroyed'];
const destructible = ['PreActive', 'Deactivated', 'Compromised'];

const keyButtons = ({ state: now }: Detail, open: (dialog: Dialog) => void): Children => [
  revocable.includes(now) &&
    button({ kind: 'secondary', needs: 'key.revoke', onClick: () => open('revoke') }, 'Revoke …'),
  destructible.includes(now) &&
    button({ kind: 'danger', needs: 'key.destroy', onClick: () => open('destroy') }, 'Destroy …'),
];

const dates = [
  ['Active from', 'activationDate'],
  ['Process start', 'processStartDate'],
  ['Protect stop', 'protectStopDate'],
  ['Deactivated from', 'deactivationDate'],
  ['Compromised', 'compromiseDate'],
  ['Compromised since', 'compromiseOccurrenceDate'],
  ['Destroyed', 'destroyDate'],
] as const satisfies readonly (readonly [string, keyof Detail])[];

const keyFacts = (key: Detail): readonly Children[] => [
  key.missingSince !== undefined &&
    notification({
      kind: 'warning',
      title: `The endpoint does not have this key since ${moment(key.missingSince)}.`,
      text: 'It is not served. The copy that is held here is kept.',
    }),
  tile(
    { title: 'Life' },
    facts([
      ['Unique identifier', copyable({ text: key.uid, label: 'unique identifier' })],
      ['State', keyState(key.state)],
      ['Service instance', html`<a href=${linkTo(['instances', key.instance])}>${key.instance}</a>`],
      ['Kind', `${key.algorithm}-${key.length}, for ${key.usage.join(', ')}`],
      ['Made', moment(key.initialDate)],
      ...dates.flatMap(([label, name]) => (key[name] === undefined ? [] : [[label, moment(key[name])] as const])),
      ['Revoked', key.revocation && [key.revocation.reason, key.revocation.message].filter(Boolean).join(': ')],
      ['Last change', moment(key.lastChangeDate)],
      ['Last fetched', fetchedText(key)],
    ]),
  ),
  tile(
    { title: 'Attributes' },
    table({
      caption: 'Attributes that clients gave it',
      hideCaption: true,
      rows: key.attributes,
      key: ({ name, index }) => `${name} ${index}`,
      none: 'Clients gave it no attributes',
      columns: [
        { title: 'Name', cell: ({ name, index }) => (index === 0 ? name : `${name} ${index}`) },
        { title: 'Value', kind: 'code', cell: ({ value }) => breakable(value) },
      ],
    }),
  ),
];

const reasons = [
  ['cessation-of-operation', 'It is not needed any more'],
  ['superseded', 'Another key took its place'],
  ['key-compromise', 'It is compromised: somebody else may have it'],
  ['ca-compromise', 'An authority is compromised'],
  ['affiliation-changed', 'Its owner changed'],
  ['privilege-withdrawn', 'The right to use it was taken away'],
  ['unspecified', 'No reason is given'],
] as const satisfies readonly (readonly [Reason, string])[];

const revokeDialog = ({ uid, state: now }: Detail, key: Live<Detail>, onClose: () => void): Node => {
  // What is not Active can only be said to be compromised.
  const offered = now === 'Active' ? reasons : reasons.filter(([name]) => name.endsWith('-compromise'));
  return modal(
    { title: 'Revoke this key', onClose },
    html`<p>Clients do not encrypt with it any more. They can fetch it still, to open what is encrypted with it.</p>`,
    form(
      {
        submit: 'Revoke',
        danger: true,
        onCancel: onClose,
        onSubmit: async (values) => {
          await call('key.revoke', {
            uid,
            reason: values.text('reason') as Reason,
            message: values.optional('message'),
          });
          announce('The key is revoked');
          onClose();
          await key.reload();
        },
      },
      selectField({ name: 'reason', label: 'Reason', options: offered }),
      textField({ name: 'message', label: 'In your own words', required: false, maxLength: 1000 }),
    ),
  );
};

const destroyDialog = ({ uid, names, attributes }: Detail, key: Live<Detail>, onClose: () => void): Node =>
  confirm(
    {
      title: 'Destroy this key?',
      action: 'Destroy',
      danger: true,
      typed: uid,
      onClose,
      onConfirm: async () => {
        await call('key.destroy', { uid, confirm: uid });
        announce('The key is destroyed');
        await key.reload();
      },
    },
    html`<p>Its material is erased for good. What is encrypted with it${names[0] ? ` (${names[0]}${componentOf(attributes)})` : ''} cannot be opened by anybody afterwards.</p>`,
  );

const componentOf = (attributes: Detail['attributes']): string => {
  const component = attributes.find(({ name }) => name === 'x-Component')?.value;
  return component === undefined ? '' : `, ${component}`;
};
