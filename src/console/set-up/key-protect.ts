// A service instance on a root key in IBM Key Protect: who asks and where, then which of its root keys, then the lease. The
// server tries the token, the root key and a wrap and unwrap with it before the instance is stored.

import type { InstanceView, RootKeyView } from '../../admin/api/instances.ts';
import type { Input } from '../../admin/api/table.ts';
import { isKind } from '../../errors.ts';
import type { Call, PageContext } from '../page.ts';
import type { Ui } from '../ui.ts';
import type { Field } from '../widgets/field.ts';
import type { Values } from '../widgets/form.ts';
import { instanceNameField } from './instance-name.ts';
import { askForLease } from './lease.ts';
import { showMade } from './made.ts';

type Access = Input['instance.crks'];
type FieldName = 'name' | 'url' | 'instanceId' | 'apiKey' | 'crk' | 'iamUrl' | 'keyRing' | 'aad' | 'caBundle';

interface Found {
  readonly name: string;
  readonly access: Access;
  readonly aad: boolean;
  /** What was typed; empty where it is to be chosen. */
  readonly crk: string;
  readonly rootKeys: readonly RootKeyView[];
}

/** Asks until it is made; false for Esc. `own`: at endpoints that are not those of IBM Cloud's regions. */
export const makeKeyProtectInstance = async (
  { ui, call }: PageContext,
  taken: readonly string[],
  own: boolean,
): Promise<boolean> => {
  const found = await ui.submit<FieldName, Found>(
    { title: 'IBM Key Protect', fields: own ? [...usualFields(taken), ...ownFields] : usualFields(taken) },
    'Asking Key Protect',
    (values) => lookFor(call, values),
  );
  if (!found) return false;
  const crk = found.crk === '' ? await chooseRootKey(ui, found.rootKeys) : found.crk;
  const lease = crk === undefined ? undefined : await askForLease(ui);
  if (crk === undefined || !lease) return false;
  const made = await ui.progress('Checking the root key', ({ report }) => {
    report('[x] The API key was exchanged for a token.');
    report('The root key is looked at, and a key is wrapped and unwrapped with it.');
    return create(call, found, crk, lease.lease);
  });
  await showMade(ui, made, ['The API key is good for a token', 'A key was wrapped and unwrapped with the root key']);
  return true;
};

const usualFields = (taken: readonly string[]): readonly Field<FieldName>[] => [
  instanceNameField(taken),
  {
    name: 'url',
    label: 'Region or endpoint',
    help: 'A region such as eu-de, its private endpoint such as private.eu-de, or the URL of another endpoint.',
  },
  { name: 'instanceId', label: 'Key Protect instance', help: 'Its GUID or CRN.' },
  {
    name: 'apiKey',
    label: 'API key',
    kind: 'hidden',
    isKept: true,
    help: 'Of a service ID with the service role Reader. It is kept sealed and never shown again.',
  },
  {
    name: 'crk',
    label: 'Root key (CRK)',
    optional: true,
    help: 'Its identifier or alias. Empty: you choose it from a list next.',
  },
];

const ownFields: readonly Field<FieldName>[] = [
  { name: 'iamUrl', label: 'IAM endpoint', optional: true, help: 'Empty: the one that goes with the region.' },
  { name: 'keyRing', label: 'Key ring', optional: true },
  {
    name: 'aad',
    label: 'Additional data',
    kind: 'choice',
    choices: [
      ['yes', 'the endpoint takes it'],
      ['no', 'it does not (Hyper Protect Crypto Services)'],
    ],
    help: 'With it each wrapped key is bound to its identifier.',
  },
  {
    name: 'caBundle',
    label: 'CA bundle',
    kind: 'lines',
    optional: true,
    help: 'PEM certificates to trust instead of the usual ones.',
  },
];

const given = (text: string | undefined): string | undefined => (text?.trim() ? text.trim() : undefined);

/** Asks with what was typed, so that a wrong credential is known before anything else is asked. */
const lookFor = async (call: Call, values: Partial<Values<FieldName>>): Promise<Found> => {
  const access: Access = {
    url: values.url?.trim() ?? '',
    instanceId: values.instanceId?.trim() ?? '',
    apiKey: values.apiKey ?? '',
    iamUrl: given(values.iamUrl),
    keyRing: given(values.keyRing),
    caBundle: given(values.caBundle),
  };
  const crk = given(values.crk) ?? '';
  const rootKeys = await call('instance.crks', access).catch((error: unknown) => {
    // An API key that may use one root key and list none.
    if (crk !== '' && isKind(error, 'permission-denied', 'upstream-refused')) return [];
    throw error;
  });
  return { name: values.name ?? '', access, aad: values.aad !== 'no', crk, rootKeys };
};

const chooseRootKey = async (ui: Ui, rootKeys: readonly RootKeyView[]): Promise<string | undefined> => {
  const usable = rootKeys.filter(({ state }) => state === 'active');
  const others = rootKeys.length - usable.length;
  const text = [
    usable.length > 0
      ? 'Which root key protects the keys of this instance? It cannot be changed later without wrapping all keys anew.'
      : 'This Key Protect instance holds no active root key: make one there first, then come back.',
    ...(others > 0 ? [`${others} more are not active and cannot be chosen.`] : []),
  ];
  const choices = usable.map((key) => ({ label: rootKeyLabel(key), value: key.id, help: rootKeyHelp(key) }));
  return ui.menu({ title: 'Root key', text, choices });
};

const rootKeyLabel = ({ id, name, aliases: [alias] }: RootKeyView): string => `${name ?? alias ?? ''}  ${id}`.trim();

const rootKeyHelp = ({ imported, rotatedAt }: RootKeyView): string =>
  [
    ...(imported === undefined
      ? []
      : [imported ? 'Its material was imported.' : 'Its material was made in Key Protect.']),
    `Rotated: ${rotatedAt?.slice(0, 10) ?? 'never'}.`,
  ].join(' ');

const create = (
  call: Call,
  { name, access, aad }: Found,
  crk: string,
  lease: Input['instance.create']['lease'],
): Promise<InstanceView> => {
  const all = { ...access, crk, ...(aad ? {} : { aad }) };
  const settings = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return call('instance.create', { name, upstream: 'key-protect', settings, lease });
};
