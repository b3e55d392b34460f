// Is everything well, and if not, what to do.

import type { Output } from '../../api/table.ts';
import { count, relative, term } from '../format.ts';
import { html, type Node } from '../html.ts';
import { useLive } from '../live.ts';
import { copyable } from '../parts/copy.ts';
import { notification, problemNotice, sentence } from '../parts/notification.ts';
import { table } from '../parts/table.ts';
import { facts, figure, grid, heading, loading, state, tile } from '../parts/tile.ts';

type Status = Output['status'];
type Instance = Status['instances'][number];

export const Overview = (): Node => {
  const { data, problem } = useLive('status', {});
  return html`${heading({ title: 'Overview' })} ${problemNotice(problem)} ${data ? content(data) : !problem && loading()}`;
};

const content = (status: Status): Node => {
  const alarms = status.instances.flatMap(({ name, alarms }) => alarms.map((text) => `${name}: ${text}`));
  const keys = status.instances.reduce((sum, instance) => sum + instance.keys, 0);
  return html`<div class="stack">
    ${
      alarms.length === 0
        ? notification({ kind: 'success', title: 'Everything is well' })
        : alarms.map((text) => notification({ kind: 'warning', title: sentence(text) }))
    }
    ${grid(
      tile({}, figure('Keys', count(keys), `${count(status.keysInMemory)} in memory`)),
      tile({}, figure('KMIP connections', count(status.kmip.connections))),
      tile({}, figure('Running', relative(status.startedAt).replace(' ago', ''), `version ${status.version}`)),
    )}
    ${tile(
      { title: 'KMIP server' },
      facts([
        ['Address', `${status.kmip.host} port ${status.kmip.port}`],
        ['Certificate SHA-1', copyable({ text: status.certificate.sha1, label: 'SHA-1 fingerprint' })],
        ['Certificate SHA-256', copyable({ text: status.certificate.sha256, label: 'SHA-256 fingerprint' })],
      ]),
    )}
    ${tile({ title: 'Service instances' }, instanceTable(status.instances))}
  </div>`;
};

const instanceTable = (rows: readonly Instance[]): Node =>
  table({
    caption: 'Service instances',
    hideCaption: true,
    rows,
    key: ({ id }) => id,
    none: 'There is no service instance yet',
    columns: [
      { title: 'Name', cell: ({ name }) => name },
      { title: 'Upstream', cell: ({ upstream }) => upstream },
      {
        title: 'State',
        cell: ({ upstreamState }) => state(upstreamState === 'reachable' ? 'success' : 'warning', upstreamState),
      },
      { title: 'Lease remaining', cell: ({ lease }) => term(lease.remaining) },
      { title: 'Keys', kind: 'number', cell: ({ keys }) => count(keys) },
    ],
  });
