// Is everything well, and if not, what to do: the alarms first, then the service instances, the address that vCenter needs,
// and the last day.

import type { Output } from '../../api/table.ts';
import { useAnnounced } from '../announce.ts';
import { count, plural, relative, term } from '../format.ts';
import { html, type Node } from '../html.ts';
import { useLive } from '../live.ts';
import { kmipHost } from '../own-address.ts';
import { button } from '../parts/button.ts';
import { copyable } from '../parts/copy.ts';
import { link } from '../parts/link.ts';
import { notification, problemNotice, type Severity, sentence } from '../parts/notification.ts';
import { table } from '../parts/table.ts';
import { facts, figure, figures, heading, loading, tile } from '../parts/tile.ts';
import { historyCharts } from './history-charts.ts';
import { servingState, upstreamState } from './instance-state.ts';

type Status = Output['status'];
type Instance = Status['instances'][number];
type Alarm = Output['alarm.list'][number];

const minute = 60_000;
/** As many steps of a day as a chart can show. */
const lastDay = { hours: 24, minutes: 15 } as const;

export const Overview = (): Node => {
  const status = useLive('status', {});
  const alarms = useLive('alarm.list', {});
  const history = useLive('history', lastDay, minute);
  const problem = status.problem ?? alarms.problem;
  useAnnounced(alarms.data && spoken(alarms.data));
  return html`${heading({ title: 'Overview' })}
    <div class="stack">
      ${problemNotice(problem)}
      ${alarms.data && alarmList(alarms.data, problem !== undefined)}
      ${status.data ? content(status.data) : !problem && loading()}
      ${history.data && html`<section aria-labelledby="last-day"><h2 id="last-day">The last 24 hours</h2>${historyCharts(history.data)}</section>`}
    </div>`;
};

/** What has changed, for whoever does not see it. */
const spoken = (alarms: readonly Alarm[]): string =>
  alarms.length === 0 ? 'Everything is well' : alarms.map(({ what }) => sentence(what)).join(' ');

const alarmKinds: Readonly<Record<Alarm['severity'], Severity>> = {
  critical: 'error',
  warning: 'warning',
  info: 'info',
};

/** What is only worth knowing does not keep everything from being well; what was known a while ago says nothing of now. */
const alarmList = (alarms: readonly Alarm[], isOld: boolean): Node =>
  html`<section class="stack-tight" aria-label="Alarms">
    ${!isOld && alarms.every(({ severity }) => severity === 'info') && notification({ kind: 'success', title: 'Everything is well' })}
    ${alarms.map((alarm) => html`<div key=${`${alarm.name} ${alarm.subject}`}>${alarmNotice(alarm)}</div>`)}
  </section>`;

const alarmNotice = ({ severity, what, since, todo, command, page }: Alarm): Node =>
  notification(
    {
      kind: alarmKinds[severity],
      title: sentence(what),
      text: html`<p>${sentence(todo)} <span class="aside-inline">Since ${relative(since)}.</span></p>`,
    },
    command !== undefined && html`<div>${copyable({ text: command, label: 'command' })}</div>`,
    page !== undefined &&
      button({ kind: 'tertiary', small: true, href: `#/${page}` }, `Go to ${page.split('/').join(' › ')}`),
  );

const content = (status: Status): Node => {
  const keys = status.instances.reduce((sum, instance) => sum + instance.keys, 0);
  const clients = status.instances.reduce((sum, instance) => sum + instance.clients, 0);
  return html`${figures(
    tile({}, figure('Keys', count(keys), `${count(status.keysInMemory)} in memory`)),
    tile({}, figure('KMIP connections', count(status.kmip.connections), `${plural(clients, 'client')} admitted`)),
    tile({}, figure('Running for', relative(status.startedAt).replace(' ago', ''), `version ${status.version}`)),
  )}
  ${tile({ title: 'Service instances' }, instanceTable(status.instances))}
  ${tile(
    { title: 'What vCenter needs' },
    facts([
      ['KMIP address', `${kmipHost(status.kmip.host)} port ${status.kmip.port}`],
      ['Certificate SHA-1', copyable({ text: status.certificate.sha1, label: 'SHA-1 fingerprint' })],
      ['Certificate SHA-256', copyable({ text: status.certificate.sha256, label: 'SHA-256 fingerprint' })],
    ]),
  )}`;
};

const instanceTable = (rows: readonly Instance[]): Node =>
  table({
    caption: 'Service instances',
    hideCaption: true,
    rows,
    key: ({ id }) => id,
    none: 'There is no service instance yet',
    noneText: html`${link({ path: ['set-up'] }, 'The set-up')} leads to the first one.`,
    columns: [
      { title: 'Name', cell: ({ name }) => link({ path: ['instances', name] }, name) },
      { title: 'Upstream', cell: upstreamState },
      { title: 'Root key', cell: ({ rootKey }) => rootKey.state },
      { title: 'Keys are served', cell: servingState },
      { title: 'Lease remaining', cell: ({ lease }) => term(lease.remaining) },
      { title: 'Clients', kind: 'number', cell: ({ clients }) => count(clients) },
      { title: 'Keys', kind: 'number', cell: ({ keys }) => count(keys) },
    ],
  });
