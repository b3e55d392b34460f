// Trust: the certificate by which vCenter knows this server, and the certificates by which it knows its clients.

import type { Output } from '../../api/table.ts';
import { html, type Node, put } from '../html.ts';
import { useLive } from '../live.ts';
import { notification, problemNotice } from '../parts/notification.ts';
import { heading, loading } from '../parts/tile.ts';
import { TrustedClients } from './trust-clients.ts';
import { TrustedRoots } from './trust-roots.ts';
import { ServerCertificate } from './trust-server.ts';

type Ending = Output['certificate.warnings'][number];

export const Trust = (): Node => {
  const certificates = useLive('certificate.show', {}, 15_000);
  const clients = useLive('client.list', {}, 10_000);
  const roots = useLive('root.list', {}, 15_000);
  const endings = useLive('certificate.warnings', {}, 60_000);
  const problem = certificates.problem ?? clients.problem ?? roots.problem ?? endings.problem;
  return html`${heading({
    title: 'Trust',
    text: 'vCenter and this server know each other by their certificates: vCenter pins the one it is shown, and is admitted by its own.',
  })}
    <div class="stack">
      ${problemNotice(problem)}
      ${endings.data?.map(ending)}
      ${certificates.data ? put(ServerCertificate, { view: certificates.data, reload: certificates.reload }) : !problem && loading('the certificates')}
      ${clients.data && put(TrustedClients, { clients: clients.data, reload: clients.reload })}
      ${roots.data && put(TrustedRoots, { roots: roots.data, reload: async () => void (await Promise.all([roots.reload(), clients.reload()])) })}
    </div>`;
};

const nouns: Readonly<Record<Ending['kind'], string>> = {
  server: 'The server certificate',
  next: 'The next server certificate',
  authority: 'The authority of this server',
  client: 'The certificate of a client',
  root: 'A root',
  intermediate: 'An intermediate of a root',
  'root-client': 'The certificate of a client of a root',
  'upstream-client': 'Our certificate at an upstream',
  'upstream-authority': 'The CA bundle of an upstream',
};

const ending = ({ kind, level, name, instance, subject, daysLeft, todo, command, sha256 }: Ending): Node => {
  const whose = name === '' || name === instance ? subject : `${name} of ${instance}`;
  const when = level === 'ended' ? 'has ended' : `ends in ${daysLeft} days`;
  const severity = level === 'notice' ? 'info' : level === 'warning' ? 'warning' : 'error';
  return html`<div key=${sha256}>${notification({
    kind: severity,
    title: `${nouns[kind]} ${when}: ${whose}`,
    text: html`${todo} <code>${command}</code>`,
  })}</div>`;
};
