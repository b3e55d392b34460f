// Service instances: all of them, and one with its upstream, its lease, its keys and clients, and what can be done to it.

import { useState } from 'preact/hooks';
import type { Output } from '../../api/table.ts';
import { announce } from '../announce.ts';
import { call } from '../api.ts';
import { count, moment, relative } from '../format.ts';
import { type Children, html, type Node, put } from '../html.ts';
import { useLive } from '../live.ts';
import { button } from '../parts/button.ts';
import { confirm } from '../parts/modal.ts';
import { notification, problemNotice, sentence } from '../parts/notification.ts';
import { table } from '../parts/table.ts';
import { empty, facts, figure, figures, heading, loading, tile } from '../parts/tile.ts';
import { goTo, linkTo } from '../router.ts';
import type { ViewProps } from '../view.ts';
import { type Change, changeDialog } from './instance-changes.ts';
import { identityTile } from './instance-identity.ts';
import { removalDialog, removalNotice } from './instance-removal.ts';
import { type Instance, leaseText, servingState, upstreamState } from './instance-state.ts';

type Client = Output['client.list'][number];

export const Instances = ({ path: [name] }: ViewProps): Node =>
  name === undefined ? put(InstanceList, {}) : put(OneInstance, { name, key: name });

const InstanceList = (): Node => {
  const instances = useLive('instance.list', {});
  const add = button({ needs: 'instance.create', icon: 'add', href: linkTo(['new-instance']) }, 'New service instance');
  return html`${heading({ title: 'Instances', text: 'A service instance has one upstream, its clients, and the keys that they made.' }, add)}
    <div class="stack">
      ${problemNotice(instances.problem)}
      ${instances.data ? tile({}, instanceTable(instances.data)) : loading('the service instances')}
    </div>`;
};

const instanceTable = (rows: readonly Instance[]): Node =>
  table({
    caption: 'Service instances',
    hideCaption: true,
    rows,
    key: ({ id }) => id,
    none: 'There is no service instance yet',
    noneText: 'Make one: vCenter needs it before it can make a key.',
    columns: [
      { title: 'Name', cell: ({ name }) => html`<a href=${linkTo(['instances', name])}>${name}</a>` },
      { title: 'Upstream', cell: upstreamState },
      { title: 'Root key', cell: ({ rootKey }) => rootKey.name ?? rootKey.state },
      { title: 'Keys are served', cell: servingState },
      { title: 'Offline lease', cell: leaseText },
      { title: 'Clients', kind: 'number', cell: ({ clients }) => count(clients) },
      { title: 'Keys', kind: 'number', cell: ({ keys }) => count(keys) },
    ],
  });

type Dialog = Change | 'suspend' | 'remove';

const OneInstance = ({ name }: { readonly name: string }): Node => {
  const instances = useLive('instance.list', {});
  const clients = useLive('client.list', {}, 10_000);
  const [dialog, setDialog] = useState<Dialog | undefined>(undefined);
  const instance = instances.data?.find((one) => one.name === name);
  const close = (): void => setDialog(undefined);
  const reload = instances.reload;
  const done = async (text: string, next = name): Promise<void> => {
    announce(text);
    if (next !== name) goTo(['instances', next]);
    await reload();
  };
  return html`${heading(
    { title: name, parents: [['Instances', linkTo(['instances'])]] },
    instance && headButtons(instance, setDialog, done),
  )}
    <div class="stack">
      ${problemNotice(instances.problem)}
      ${!instances.data && !instances.problem && loading('the service instance')}
      ${instances.data && !instance && gone(name)}
      ${instance && content(instance, clients.data ?? [], setDialog, done)}
    </div>
    ${instance && dialogOf(instance, dialog, close, done)}`;
};

type Done = (text: string, next?: string) => Promise<void>;

const gone = (name: string): Node =>
  tile({}, empty(`There is no service instance ${name}`, 'It may have been renamed or removed.'));

const headButtons = (instance: Instance, open: (dialog: Dialog) => void, done: Done): Children => {
  const { life, name } = instance;
  if (life === 'active') {
    return button({ kind: 'secondary', needs: 'instance.suspend', onClick: () => open('suspend') }, 'Suspend');
  }
  if (life !== 'suspended') return undefined;
  const resume = async (): Promise<void> => {
    await call('instance.resume', { name });
    await done(`${name} serves its keys again`);
  };
  return button({ needs: 'instance.resume', onClick: resume }, 'Resume');
};

const content = (
  instance: Instance,
  clients: readonly Client[],
  open: (dialog: Dialog) => void,
  done: Done,
): readonly Children[] => [
  removalNotice(instance, done),
  instance.life === 'suspended' &&
    notification({
      kind: 'warning',
      title: 'This service instance is suspended.',
      text: 'Its keys exist and are not served, from memory neither. The upstream is watched all the same.',
    }),
  ...instance.alarms.map((alarm) => notification({ kind: 'warning', title: sentence(alarm) })),
  figures(
    tile({}, figure('Keys', count(instance.keys), statesText(instance))),
    tile({}, figure('Clients', count(instance.clients), seenText(instance, clients))),
    tile({}, figure('Offline lease', leaseText(instance), `last heard from ${relative(instance.lease.provenAt)}`)),
  ),
  tile(
    { title: 'Upstream', actions: upstreamButtons(instance, open) },
    instance.problem !== undefined && notification({ kind: 'error', title: sentence(instance.problem) }),
    facts([
      ['Upstream', upstreamState(instance)],
      ['Keys are served', servingState(instance)],
      ['Root key', rootKeyText(instance)],
      ...settingFacts(instance),
      ['Made', moment(instance.createdAt)],
    ]),
  ),
  instance.upstream === 'kmip' && identityTile(instance.name),
  tile({ title: 'Clients' }, clientTable(clients.filter((client) => client.instance === instance.name))),
  tile(
    { title: 'Keys' },
    html`<p><a href=${linkTo(['keys'], { instance: instance.name })}>Look at the keys of ${instance.name}</a></p>`,
  ),
  instance.life !== 'removal-pending' &&
    instance.life !== 'erasing' &&
    tile(
      { title: 'Removal' },
      html`<p>All keys of the service instance go together, after a wait in which it can be taken back.</p>`,
      html`<div class="actions">
        ${button({ kind: 'tertiary', needs: 'instance.export', onClick: () => open('export') }, 'Make a recovery export')}
        ${button({ kind: 'danger', needs: 'instance.remove', onClick: () => open('remove') }, 'Remove …')}
      </div>`,
    ),
];

const upstreamButtons = ({ life, upstream }: Instance, open: (dialog: Dialog) => void): Children => {
  if (life !== 'active' && life !== 'suspended') return undefined;
  const small = { kind: 'ghost', small: true } as const;
  return [
    button({ ...small, needs: 'instance.rename', onClick: () => open('rename') }, 'Rename'),
    button({ ...small, needs: 'instance.lease', onClick: () => open('lease') }, 'Change the lease'),
    upstream === 'key-protect' &&
      button({ ...small, needs: 'instance.update', onClick: () => open('credentials') }, 'Change the API key'),
  ];
};

const dialogOf = (instance: Instance, dialog: Dialog | undefined, close: () => void, done: Done): Children => {
  if (dialog === undefined) return undefined;
  if (dialog === 'remove') return removalDialog(instance, close, done);
  if (dialog !== 'suspend') return changeDialog(dialog, instance, close, done);
  const { name } = instance;
  return confirm(
    {
      title: `Suspend ${name}?`,
      action: 'Suspend',
      danger: true,
      onClose: close,
      onConfirm: async () => {
        await call('instance.suspend', { name });
        await done(`${name} is suspended`);
      },
    },
    html`<p>Its ${count(instance.keys)} keys are not served from this moment on, whatever is in memory. Virtual machines that run go on; those that start, and hosts that boot, get no key until it is resumed.</p>`,
  );
};

const statesText = ({ keysByState }: Instance): string =>
  keysByState.map(({ state, keys }) => `${count(keys)} ${state}`).join(', ') || 'none yet';

const seenText = ({ name }: Instance, clients: readonly Client[]): string => {
  const seen = clients.filter(({ instance }) => instance === name).flatMap(({ lastSeen }) => lastSeen ?? []);
  const latest = seen.toSorted().at(-1);
  return latest === undefined ? 'none seen yet' : `last seen ${relative(latest)}`;
};

const rootKeyText = ({ rootKey: { name, state, version } }: Instance): Node =>
  html`${name === undefined ? '' : `${name}, `}${state}${version !== undefined && html`<span class="aside">version <code>${version}</code></span>`}`;

const shownSettings = {
  url: 'Endpoint',
  instanceId: 'Key Protect instance',
  crk: 'Root key identifier',
  keyRing: 'Key ring',
};

/** What an administrator compares with the cloud. */
const settingFacts = ({ settings }: Instance): readonly (readonly [string, Children])[] =>
  Object.entries(shownSettings).flatMap(([setting, label]) => {
    const value = settings[setting];
    return typeof value === 'string' ? [[label, html`<code>${value}</code>`] as const] : [];
  });

const clientTable = (rows: readonly Client[]): Node =>
  table({
    caption: 'Clients',
    hideCaption: true,
    rows,
    key: ({ name, sha256 }) => `${name} ${sha256}`,
    none: 'Nobody may use these keys yet',
    noneText: html`<a href=${linkTo(['trust'])}>Trust</a> leads to the first client.`,
    columns: [
      { title: 'Name', cell: ({ name }) => name },
      { title: 'Last seen', cell: ({ lastSeen }) => (lastSeen === undefined ? 'not yet' : relative(lastSeen)) },
      { title: 'From', kind: 'code', cell: ({ address }) => address ?? '–' },
      { title: 'Certificate ends', cell: ({ notAfter }) => moment(notAfter).slice(0, 10) },
    ],
  });
