// The settings of the server, group by group; those of a group are changed together.

import { useState } from 'preact/hooks';
import type { Output } from '../../api/table.ts';
import { announce } from '../announce.ts';
import { call } from '../api.ts';
import { type Children, html, type Node, put } from '../html.ts';
import { useLive } from '../live.ts';
import { button } from '../parts/button.ts';
import { breakable } from '../parts/copy.ts';
import { selectField, textField } from '../parts/field.ts';
import { type FormValues, form } from '../parts/form.ts';
import { modal } from '../parts/modal.ts';
import { notification, problemNotice } from '../parts/notification.ts';
import { table } from '../parts/table.ts';
import { heading, loading, tag, tile } from '../parts/tile.ts';
import { linkTo } from '../router.ts';
import type { ViewProps } from '../view.ts';

type Setting = Output['setting.list']['settings'][number];

const titles: Readonly<Record<string, string>> = {
  kmip: 'KMIP',
  tls: 'TLS of KMIP clients',
  cache: 'Memory',
  offline: 'Offline',
  upstream: 'Upstream',
  regional: 'KMIP endpoints',
  admin: 'Page and management API',
  removal: 'Removal of service instances',
  backup: 'Backups',
  audit: 'Audit trail',
  log: 'Log',
  server: 'Server',
};

const titleOf = (group: string): string => titles[group] ?? group;
const groupOf = ({ name }: Setting): string => name.split('.')[0] ?? '';

const abbreviations: Readonly<Record<string, string>> = { s3: 'S3', ca: 'CA', tls: 'TLS' };

/** `backup.s3CaFile` as a person would write it: `S3 CA file`. */
const labelOf = ({ name }: Setting): string => {
  const [first = '', ...more] = (name.split('.')[1] ?? name).split(/(?=[A-Z])/).map((word) => word.toLowerCase());
  const begin = abbreviations[first] ?? `${first.charAt(0).toUpperCase()}${first.slice(1)}`;
  return [begin, ...more.map((word) => abbreviations[word] ?? word)].join(' ');
};

const settingCell = (one: Setting): Children =>
  html`<strong>${labelOf(one)}</strong> <code class="aside-inline">${breakable(one.name)}</code><span class="aside">${one.help}</span>`;

export const Settings = ({ path }: ViewProps): Node => {
  const live = useLive('setting.list', {}, 15_000);
  const [open, setOpen] = useState<string | undefined>(undefined);
  const [only] = path;
  const settings = (live.data?.settings ?? []).filter((one) => only === undefined || groupOf(one) === only);
  const groups = [...Map.groupBy(settings, groupOf)];
  return html`${heading({
    title: 'Settings',
    parents: only === undefined ? [] : [['Settings', linkTo(['settings'])]],
    text:
      live.data &&
      html`They are in the file <code>${breakable(live.data.file)}</code>; what the command line of the server says wins over it.`,
  })}
    <div class="stack">
      ${problemNotice(live.problem)}
      ${live.data?.restartNeeded && notification({ kind: 'warning', title: 'Some settings wait for the next start', text: 'Restart the server, and they count.' })}
      ${live.data ? groups.map(([group, members]) => groupTile(group, members, () => setOpen(group))) : loading('the settings')}
    </div>
    ${open !== undefined && settingsDialog({ group: open, title: titleOf(open), onClose: () => setOpen(undefined), onChanged: live.reload })}`;
};

const groupTile = (group: string, members: readonly Setting[], onChange: () => void): Node =>
  tile(
    {
      title: titleOf(group),
      actions: button(
        { kind: 'tertiary', small: true, needs: 'setting.set', label: `Change ${titleOf(group)}`, onClick: onChange },
        'Change',
      ),
    },
    table({
      caption: titleOf(group),
      hideCaption: true,
      rows: members,
      key: ({ name }) => name,
      none: 'There are none',
      columns: [
        { title: 'Setting', cell: settingCell },
        { title: 'Value', cell: valueCell },
        {
          title: 'From',
          cell: ({ source }) =>
            html`<span class="unbroken">${source === 'default' ? 'default' : tag(source, 'blue')}</span>`,
        },
      ],
    }),
  );

const shown = (value: string): Children => (value === '' ? 'none' : breakable(value));

const valueCell = ({ value, running }: Setting): Children =>
  running === undefined
    ? html`<span class="setting-value">${shown(value)}</span>`
    : html`<span class="setting-value">${shown(value)}</span><span class="aside">until the next start: ${shown(running)}</span>`;

export interface SettingsDialogOptions {
  readonly group: string;
  readonly title: string;
  readonly onClose: () => void;
  readonly onChanged: () => Promise<void>;
}

/** Changes the settings of one group together. */
export const settingsDialog = (options: SettingsDialogOptions): Node =>
  modal({ title: options.title, onClose: options.onClose }, put(GroupForm, options));

const GroupForm = ({ group, onClose, onChanged }: SettingsDialogOptions): Node => {
  const { data, problem } = useLive('setting.list', {}, 0);
  if (!data) return problemNotice(problem) ?? loading('the settings');
  const members = data.settings.filter((one) => groupOf(one) === group);
  return form(
    {
      submit: 'Save',
      onCancel: onClose,
      onSubmit: async (values) => {
        const changes = changesIn(members, values);
        if (changes.length > 0) {
          const { restartNeeded } = await call('setting.set', { changes });
          announce(restartNeeded ? 'Saved; it counts from the next start' : 'Saved; it counts from now on');
          await onChanged();
        }
        onClose();
      },
    },
    members.map(settingField),
  );
};

/** What is changed; an empty field stands for the default. */
const changesIn = (members: readonly Setting[], values: FormValues) =>
  members.flatMap(({ name, value, default: preset, source }) => {
    const given = values.text(name) || preset;
    return source === 'command line' || given === value ? [] : [{ name, value: given }];
  });

const settingField = (setting: Setting): Node => {
  const { name, value, default: preset, help, allowed, source, choices } = setting;
  const fixed = source === 'command line';
  const note = fixed
    ? 'The command line of the server says so: it cannot be changed here.'
    : `May be ${allowed}.${preset === '' ? '' : ` Default: ${preset}.`}`;
  const common = {
    name,
    label: labelOf(setting),
    value,
    help: `${help} ${note}`,
    required: preset !== '',
    disabled: fixed,
  };
  if (choices) return selectField({ ...common, options: choices.map((choice) => [choice, choice]) });
  return textField({ ...common, maxLength: 4096 });
};
