// The removal of a service instance: what still needs its keys is shown, the name is typed, and it can be taken back while
// its wait runs.

import type { Output } from '../../api/table.ts';
import { call } from '../api.ts';
import { count, duration, moment, plural, relative } from '../format.ts';
import { type Children, html, type Node, put } from '../html.ts';
import { useLive } from '../live.ts';
import { button } from '../parts/button.ts';
import { confirm } from '../parts/modal.ts';
import { notification, problemNotice } from '../parts/notification.ts';
import { table } from '../parts/table.ts';
import { loading } from '../parts/tile.ts';
import type { Instance } from './instance-state.ts';

type InUse = Output['instance.use'];
type Done = (text: string) => Promise<void>;

const shownKeys = 10;

/** That it waits, until when, and the way back. */
export const removalNotice = (instance: Instance, done: Done): Children => {
  const { name, life, removal } = instance;
  if (life === 'erasing') {
    return notification({
      kind: 'error',
      title: 'The keys of this service instance are being erased.',
      text: 'That cannot be taken back.',
    });
  }
  if (!removal) return undefined;
  const restore = async (): Promise<void> => {
    await call('instance.restore', { name });
    await done(`The removal of ${name} is taken back`);
  };
  return notification(
    {
      kind: 'error',
      title: `This service instance is erased in ${duration(removal.remaining)}, about ${moment(removal.until)}.`,
      text: html`<p>Until then nothing of it is served and everything is kept. Asked for by ${removal.requestedBy}, ${relative(removal.requestedAt)}.</p>`,
    },
    button({ needs: 'instance.restore', onClick: restore }, 'Take the removal back'),
  );
};

export const removalDialog = (instance: Instance, onClose: () => void, done: Done): Node => {
  const { name } = instance;
  return confirm(
    {
      title: `Remove ${name} with all its keys?`,
      action: 'Remove',
      danger: true,
      typed: name,
      onClose,
      onConfirm: async () => {
        await call('instance.remove', { name, confirm: name });
        await done(`${name} is to be removed`);
      },
    },
    html`<p>${plural(instance.keys, 'key')} and ${plural(instance.clients, 'client')}: nothing is served from now on, and after the wait all of it is erased. ${elsewhere(instance)}</p>`,
    put(Uses, { name }),
  );
};

const elsewhere = ({ upstream }: Instance): string => {
  if (upstream === 'kmip') {
    return 'The keys stay at the KMIP endpoint, which holds them; only what is known of them here goes.';
  }
  const root = upstream === 'key-protect' ? ' (Key Protect has the root key, not the keys)' : '';
  return `The wrapped keys exist here alone${root}: what is encrypted with them cannot be opened afterwards. A recovery export, made before, brings them back.`;
};

const Uses = ({ name }: { readonly name: string }): Node => {
  const use = useLive('instance.use', { name }, 0);
  if (use.problem) return html`${problemNotice(use.problem)}`;
  return use.data ? inUse(use.data) : loading('what is still in use');
};

const inUse = (use: InUse): Node => {
  if (use.total === 0) {
    return notification({
      kind: 'success',
      title: `No key was fetched in the last ${use.days} days.`,
      text: `As far as is known since ${moment(use.knownSince)}.`,
    });
  }
  const more = use.total - Math.min(use.total, shownKeys);
  return html`<div class="stack-tight">
    ${notification({ kind: 'warning', title: `${plural(use.total, 'key')} of them ${use.total === 1 ? 'was' : 'were'} fetched in the last ${use.days} days.`, text: use.clients.map(({ client, keys }) => `${client}: ${count(keys)}`).join(', ') })}
    ${table({
      caption: 'Keys in use',
      rows: use.keys.slice(0, shownKeys),
      key: ({ uid }) => uid,
      none: 'None',
      columns: [
        {
          title: 'Needed by',
          cell: ({ name, component }) => [name, component].filter(Boolean).join(', ') || 'not known',
        },
        { title: 'Last fetched', cell: ({ fetchedAt, client }) => `${relative(fetchedAt)} by ${client}` },
        { title: 'Key', kind: 'code', cell: ({ uid }) => uid },
      ],
    })}
    ${more > 0 && html`<p>and ${count(more)} more</p>`}
  </div>`;
};
