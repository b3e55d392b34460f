// The windows in which a service instance is renamed, given another lease or API key, or exported.

import { call, fetchFile } from '../api.ts';
import { html, type Node } from '../html.ts';
import { save } from '../parts/copy.ts';
import { namePattern, selectField, textField } from '../parts/field.ts';
import { form } from '../parts/form.ts';
import { modal } from '../parts/modal.ts';
import { newSecretFields, readNewSecret } from '../parts/secret-fields.ts';
import type { Instance } from './instance-state.ts';

export type Change = 'rename' | 'lease' | 'credentials' | 'export';
type Done = (text: string, next?: string) => Promise<void>;

const hour = 3_600_000;
const leases = [
  [String(24 * hour), '24 hours'],
  [String(72 * hour), '72 hours'],
  [String(7 * 24 * hour), '7 days'],
  [String(30 * 24 * hour), '30 days'],
  ['unlimited', 'unlimited'],
  ['0', 'not at all: each key is fetched from the upstream'],
] as const;

export const changeDialog = (change: Change, instance: Instance, onClose: () => void, done: Done): Node =>
  dialogs[change](instance, onClose, done);

const rename = ({ name }: Instance, onClose: () => void, done: Done): Node =>
  modal(
    { title: `Rename ${name}`, onClose },
    form(
      {
        submit: 'Rename',
        onCancel: onClose,
        onSubmit: async (values) => {
          const to = values.text('to');
          await call('instance.rename', { name, to });
          onClose();
          await done(`${name} is called ${to} now`, to);
        },
      },
      textField({
        name: 'to',
        label: 'New name',
        value: name,
        pattern: namePattern,
        help: 'Clients and keys stay as they are.',
        focus: true,
      }),
    ),
  );

const lease = ({ name, lease: { term } }: Instance, onClose: () => void, done: Done): Node => {
  const now = String(term);
  const known = leases.some(([value]) => value === now);
  const options = known || term === 'unlimited' ? leases : [[now, `as now: ${term / hour} hours`] as const, ...leases];
  return modal(
    { title: `Offline lease of ${name}`, onClose },
    form(
      {
        submit: 'Change the lease',
        onCancel: onClose,
        onSubmit: async (values) => {
          const chosen = values.text('lease');
          await call('instance.lease', { name, lease: chosen === 'unlimited' ? chosen : Number(chosen) });
          onClose();
          await done(`The lease of ${name} is changed`);
        },
      },
      selectField({
        name: 'lease',
        label: 'Keys are served without the upstream for',
        options,
        value: now,
        help: 'Counted from the last time that the upstream was heard. Without a lease the copies that are held here are erased.',
      }),
    ),
  );
};

const credentials = ({ name }: Instance, onClose: () => void, done: Done): Node =>
  modal(
    { title: `API key of ${name}`, onClose },
    form(
      {
        submit: 'Try and keep it',
        onCancel: onClose,
        onSubmit: async (values) => {
          await call('instance.update', { name, settings: { apiKey: values.raw('apiKey').trim() } });
          onClose();
          await done(`The API key of ${name} is changed`);
        },
      },
      textField({
        name: 'apiKey',
        label: 'New API key',
        type: 'password',
        autocomplete: 'new-password',
        help: 'It is tried with the root key before it counts, kept sealed, and never shown again.',
        focus: true,
      }),
    ),
  );

const exporting = ({ name }: Instance, onClose: () => void, done: Done): Node =>
  modal(
    { title: `Recovery export of ${name}`, onClose },
    html`<p>One encrypted file with every key and its bytes. Whoever has it and the passphrase has the keys: keep them apart. <code>kmip-edge instance import</code> brings them into another service instance.</p>`,
    form(
      {
        submit: 'Make the export',
        onCancel: onClose,
        onSubmit: async (values) => {
          const passphrase = readNewSecret(values);
          save(`${name}.age`, await fetchFile('instance.export', { name, passphrase }));
          onClose();
          await done(`The export of ${name} is saved`);
        },
      },
      newSecretFields('Passphrase', 12),
    ),
  );

const dialogs: Readonly<Record<Change, (instance: Instance, onClose: () => void, done: Done) => Node>> = {
  rename,
  lease,
  credentials,
  export: exporting,
};
