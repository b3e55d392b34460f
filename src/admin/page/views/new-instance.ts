// A service instance in two steps: where Key Protect is and who asks there, then which of its root keys. What is typed is
// tried live by the server before anything is stored.

import { useState } from 'preact/hooks';
import type { Input, Output } from '../../api/table.ts';
import { announce } from '../announce.ts';
import { call } from '../api.ts';
import { moment } from '../format.ts';
import { type Children, html, type Node } from '../html.ts';
import { checkField, fileField, namePattern, selectField, textField } from '../parts/field.ts';
import { type FormValues, form } from '../parts/form.ts';
import { table } from '../parts/table.ts';
import { facts, heading, state, tile } from '../parts/tile.ts';
import { ProblemError } from '../problem.ts';
import { goTo, linkTo } from '../router.ts';

type Access = Input['instance.crks'];
type RootKey = Output['instance.crks'][number];
type Kind = 'key-protect' | 'local';

/** What the first step has found out. */
interface Found {
  readonly name: string;
  readonly access: Access;
  readonly aad: boolean;
  readonly rootKeys: readonly RootKey[];
}

const hour = 3_600_000;
const leases = [
  ['', 'as configured (72 hours, unless changed)'],
  [String(24 * hour), '24 hours'],
  [String(72 * hour), '72 hours'],
  [String(7 * 24 * hour), '7 days'],
  [String(30 * 24 * hour), '30 days'],
  ['unlimited', 'unlimited'],
  ['0', 'not at all: each key is fetched from the cloud'],
] as const;

export const NewInstance = (): Node => {
  const [kind, setKind] = useState<Kind>('key-protect');
  const [found, setFound] = useState<Found | undefined>(undefined);
  return html`${heading({ title: 'New service instance', parents: [['Instances', linkTo(['instances'])]] })}
    <div hidden=${found !== undefined}>${chooseUpstream(kind, setKind, setFound)}</div>
    ${found && chooseRootKey(found, () => setFound(undefined))}`;
};

const chooseUpstream = (kind: Kind, setKind: (kind: Kind) => void, setFound: (found: Found) => void): Node =>
  tile(
    { title: '1. The upstream' },
    form(
      {
        submit: kind === 'local' ? 'Create the service instance' : 'Show the root keys',
        needs: 'instance.create',
        onSubmit: async (values) => {
          const name = values.text('name');
          if (kind === 'local') return create({ name, upstream: 'local', settings: {}, lease: undefined });
          const access = await readAccess(values);
          const rootKeys = await call('instance.crks', access);
          announce(`${rootKeys.length} root keys`);
          return setFound({ name, access, aad: !values.checked('noAad'), rootKeys });
        },
      },
      textField({ name: 'name', label: 'Name', pattern: namePattern, help: 'How it is called here, such as prod.' }),
      selectField({
        name: 'upstream',
        label: 'Upstream',
        value: kind,
        options: [
          ['key-protect', 'IBM Key Protect: keys are wrapped by a root key of yours'],
          ['local', 'A root key of this appliance: for trying out, and for sites without a cloud'],
        ],
        onChange: (value) => setKind(value as Kind),
        help: html`Before a regional KMIP endpoint: <code>kmip-edge instance create NAME --upstream kmip</code>`,
      }),
      kind === 'key-protect' && accessFields(),
    ),
  );

const accessFields = (): Children => [
  textField({
    name: 'url',
    label: 'Region or endpoint',
    help: 'A region such as eu-de, its private endpoint such as private.eu-de, or the URL of another endpoint.',
  }),
  textField({ name: 'instanceId', label: 'Key Protect instance', help: 'Its GUID or CRN.' }),
  textField({
    name: 'apiKey',
    label: 'API key',
    type: 'password',
    autocomplete: 'new-password',
    help: 'Of a service ID with the service role Reader. It is kept sealed and never shown again.',
  }),
  html`<details class="more"><summary>For endpoints of your own</summary>
    ${textField({ name: 'iamUrl', label: 'IAM endpoint', required: false })}
    ${textField({ name: 'keyRing', label: 'Key ring', required: false })}
    ${fileField({ name: 'caBundle', label: 'CA bundle', required: false, accept: '.pem,.crt,.cer', help: 'PEM certificates to trust instead of the usual ones.' })}
    ${checkField({ name: 'noAad', label: 'The endpoint takes no additional authenticated data (Hyper Protect Crypto Services)' })}
  </details>`,
];

const readAccess = async (values: FormValues): Promise<Access> => ({
  url: values.text('url'),
  instanceId: values.text('instanceId'),
  apiKey: values.text('apiKey'),
  iamUrl: values.optional('iamUrl'),
  keyRing: values.optional('keyRing'),
  caBundle: await values.file('caBundle')?.text(),
});

const chooseRootKey = ({ name, access, aad, rootKeys }: Found, back: () => void): Node =>
  html`<div class="stack">
    ${tile(
      { title: '1. The upstream' },
      facts([
        ['Name', name],
        ['Key Protect', access.url],
        ['Instance', access.instanceId],
      ]),
    )}
    ${tile(
      { title: '2. The root key' },
      form(
        {
          submit: 'Create the service instance',
          needs: 'instance.create',
          onCancel: back,
          cancel: 'Back',
          ready: rootKeys.some(({ state }) => state === 'active'),
          onSubmit: (values) => {
            if (values.text('crk') === '') {
              throw new ProblemError({ kind: 'missing-data', message: 'choose a root key', hint: '' }, 0);
            }
            const settings = { ...access, crk: values.text('crk'), ...(aad ? {} : { aad }) };
            return create({ name, upstream: 'key-protect', settings, lease: readLease(values.text('lease')) });
          },
        },
        rootKeyTable(rootKeys),
        selectField({
          name: 'lease',
          label: 'Offline lease',
          required: false,
          options: leases,
          help: 'How long keys are served without having heard from Key Protect.',
        }),
      ),
    )}
  </div>`;

const rootKeyTable = (rows: readonly RootKey[]): Node =>
  table({
    caption: 'Root keys',
    hideCaption: true,
    rows,
    key: ({ id }) => id,
    none: 'This instance holds no root key',
    noneText: 'Make one in Key Protect first, preferably from imported material that you keep a backup of.',
    columns: [
      {
        title: 'Root key',
        cell: ({ id, name, aliases, state: keyState }) => html`<label class="choice">
          <input type="radio" name="crk" value=${id} disabled=${keyState !== 'active'} />
          <span>${name ?? aliases[0] ?? id}<span class="aside"><code>${id}</code></span></span>
        </label>`,
      },
      { title: 'State', cell: ({ state: keyState }) => state(keyState === 'active' ? 'success' : 'warning', keyState) },
      {
        title: 'Material',
        cell: ({ imported }) => (imported === undefined ? '–' : imported ? 'imported' : 'made in Key Protect'),
      },
      {
        title: 'Rotated',
        cell: ({ rotatedAt }) => (rotatedAt === undefined ? 'never' : moment(rotatedAt)),
      },
    ],
  });

const readLease = (text: string): number | 'unlimited' | undefined => {
  if (text === '') return undefined;
  return text === 'unlimited' ? text : Number(text);
};

const create = async (wanted: Input['instance.create']): Promise<void> => {
  const settings = Object.fromEntries(Object.entries(wanted.settings).filter(([, value]) => value !== undefined));
  const { name } = await call('instance.create', { ...wanted, settings });
  announce(`The service instance ${name} has been created`);
  goTo(['instances', name]);
};
