// Who is admitted: the clients of all service instances, and how each came to be trusted.

import { useState } from 'preact/hooks';
import type { Output } from '../../api/table.ts';
import { announce } from '../announce.ts';
import { call } from '../api.ts';
import { relative } from '../format.ts';
import { html, type Node } from '../html.ts';
import { button } from '../parts/button.ts';
import { breakable, downloadButton } from '../parts/copy.ts';
import { confirm } from '../parts/modal.ts';
import { table } from '../parts/table.ts';
import { state, tag, tile } from '../parts/tile.ts';
import { linkTo } from '../router.ts';
import { until } from './trust-server.ts';

type Client = Output['client.list'][number];

interface Props {
  readonly clients: readonly Client[];
  readonly reload: () => Promise<void>;
}

/** By the names that vCenter gives the four ways. */
const ways: Readonly<Record<Client['trust'], string>> = {
  pinned: 'its certificate',
  issued: 'certificate and key from here',
  signed: 'signing request',
  root: 'root',
};

interface Asked {
  readonly act: 'remove' | 'drop-old';
  readonly client: Client;
}

export const TrustedClients = ({ clients, reload }: Props): Node => {
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const close = (): void => setAsked(undefined);
  return tile(
    {
      title: 'Clients',
      actions: button({ needs: 'client.add', icon: 'add', href: linkTo(['trust-client']) }, 'Trust a client'),
    },
    clientTable(clients, setAsked),
    asked && confirmation(asked, reload, close),
  );
};

const clientTable = (rows: readonly Client[], ask: (asked: Asked) => void): Node =>
  table({
    caption: 'Clients',
    hideCaption: true,
    rows,
    key: ({ instance, name, sha256 }) => `${instance} ${name} ${sha256}`,
    none: 'Nobody is admitted yet',
    noneText: 'Choose one of the four ways in which vCenter and this server come to trust each other.',
    columns: [
      {
        title: 'Client',
        cell: ({ name, instance }) =>
          html`<div class="cell-name"><strong>${name}</strong><span class="aside">of ${instance}</span></div>`,
      },
      { title: 'Trusted by', cell: ({ trust }) => tag(ways[trust], trust === 'root' ? 'blue' : 'plain') },
      {
        title: 'Certificate',
        cell: ({ subject, sha1 }) =>
          html`<div>${breakable(subject)}<span class="aside">SHA-1 <code>${breakable(sha1)}</code></span></div>`,
      },
      { title: 'Valid until', cell: until },
      {
        title: 'Last seen',
        cell: ({ lastSeen, address }) =>
          lastSeen === undefined ? '–' : `${relative(lastSeen)}${address ? `, ${address}` : ''}`,
      },
      { title: 'Actions', kind: 'actions', cell: (client) => actionsOf(client, ask) },
    ],
  });

const actionsOf = (client: Client, ask: (asked: Asked) => void): Node | null => {
  if (client.trust === 'root') return null;
  const { instance, name } = client;
  const small = { kind: 'ghost', small: true } as const;
  return html`<div class="actions">
    ${client.former && state('info', 'the one before too')}
    ${client.former && button({ ...small, needs: 'client.drop-old', label: `Drop the old certificate of ${name}`, onClick: () => ask({ act: 'drop-old', client }) }, 'Drop the old')}
    ${client.trust === 'signed' && downloadButton({ name: `${name}.pem`, kind: 'ghost', content: async () => (await call('client.certificate', { instance, name })).certificatePem }, 'Download')}
    ${button({ ...small, needs: 'client.remove', label: `Remove ${name} of ${instance}`, onClick: () => ask({ act: 'remove', client }) }, 'Remove')}
  </div>`;
};

const confirmation = (
  { act, client: { instance, name } }: Asked,
  reload: () => Promise<void>,
  onClose: () => void,
): Node =>
  act === 'remove'
    ? confirm(
        {
          title: `Remove ${name} of ${instance}?`,
          action: 'Remove the client',
          danger: true,
          typed: name,
          onClose,
          onConfirm: async () => {
            await call('client.remove', { instance, name });
            announce(`${name} has no access any more`);
            await reload();
          },
        },
        html`<p>Whoever holds its certificate is cut off at once, and gets no key any more. The keys stay with the service instance.</p>`,
      )
    : confirm(
        {
          title: `Drop the old certificate of ${name}?`,
          action: 'Drop it',
          danger: true,
          onClose,
          onConfirm: async () => {
            await call('client.drop-old', { instance, name });
            announce('The old certificate is admitted no more');
            await reload();
          },
        },
        html`<p>Hosts that still use the certificate that ${name} had before are cut off at once.</p>`,
      );
