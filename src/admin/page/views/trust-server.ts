// The server certificate with its fingerprints, and the next one beside it: made here, signed by another authority, or
// brought. It comes into service only when somebody says so.

import { useState } from 'preact/hooks';
import type { Output } from '../../api/table.ts';
import { announce } from '../announce.ts';
import { call } from '../api.ts';
import { moment } from '../format.ts';
import { html, type Node, put } from '../html.ts';
import { button } from '../parts/button.ts';
import { copyable, downloadButton } from '../parts/copy.ts';
import { confirm } from '../parts/modal.ts';
import { notification } from '../parts/notification.ts';
import { facts, state, tile } from '../parts/tile.ts';
import { NextCertificate } from './trust-next.ts';

type View = Output['certificate.show'];
type Server = View['current'];

export interface ServerProps {
  readonly view: View;
  readonly reload: () => Promise<void>;
}

export const ServerCertificate = ({ view, reload }: ServerProps): Node => html`<div class="stack">
    ${tile(
      {
        title: 'Server certificate',
        actions: downloadButton({ name: 'kmip-edge.pem', content: view.current.certificatePem }, 'Download'),
      },
      html`<p>vCenter shows one of these fingerprints when it asks whether to trust this server. Trust it only if they are the same.</p>`,
      fingerprints(view.current),
      details(view.current),
    )}
    ${view.next ? put(Next, { next: view.next, reload }) : put(NextCertificate, { view, reload })}
    ${tile(
      {
        title: 'Authority of this server',
        actions: downloadButton({ name: 'kmip-edge-ca.pem', content: view.authority.certificatePem }, 'Download'),
      },
      html`<p>It signs the server certificates that are made here, and the certificates of clients. No client has to know it.</p>`,
      facts([
        ['Subject', view.authority.subject],
        ['Valid until', until(view.authority)],
      ]),
    )}
  </div>`;

const fingerprints = ({ sha1, sha256 }: Server): Node =>
  facts([
    ['SHA-1', copyable({ text: sha1, label: 'SHA-1 fingerprint', large: true })],
    ['SHA-256', copyable({ text: sha256, label: 'SHA-256 fingerprint', large: true })],
  ]);

/** When a certificate ends, with a sign where that is near. */
export const until = ({ notAfter, validity, daysLeft }: Pick<Server, 'notAfter' | 'validity' | 'daysLeft'>): Node => {
  if (validity === 'valid') return html`<span>${moment(notAfter)}</span>`;
  const ended = validity === 'ended';
  return state(ended ? 'error' : 'warning', `${moment(notAfter)}, ${ended ? 'has ended' : `ends in ${daysLeft} days`}`);
};

const details = (
  server: Server,
): Node => html`${server.warnings.map((text) => html`<p key=${text}>${state('warning', text)}</p>`)}
  ${facts([
    ['Subject', server.subject],
    ['Issuer', server.issuer],
    ['Key', server.publicKey],
    ['Names', server.names.join(', ') || 'none'],
    ['Valid until', until(server)],
    ['Chain', server.chain.length > 0 ? server.chain.map(({ subject }) => subject).join(' → ') : undefined],
  ])}`;

interface NextProps {
  readonly next: Server;
  readonly reload: () => Promise<void>;
}

const Next = ({ next, reload }: NextProps): Node => {
  const [asked, setAsked] = useState<'activate' | 'discard' | undefined>(undefined);
  const close = (): void => setAsked(undefined);
  return tile(
    {
      title: 'Next server certificate',
      actions: downloadButton({ name: 'kmip-edge-next.pem', content: next.certificatePem }, 'Download'),
    },
    notification({
      kind: 'info',
      title: 'It waits to be put into service',
      text: html`In each vCenter select the key server, <em>Establish Trust</em>, <em>Upload KMS Certificate</em>, and give it the file of this
        certificate. When all have it, put it into service.`,
    }),
    fingerprints(next),
    details(next),
    html`<div class="actions">
      ${button({ needs: 'certificate.discard', kind: 'secondary', onClick: () => setAsked('discard') }, 'Discard')}
      ${button({ needs: 'certificate.activate', onClick: () => setAsked('activate') }, 'Put into service')}
    </div>`,
    asked === 'activate' && activate(next, reload, close),
    asked === 'discard' &&
      confirm(
        {
          title: 'Discard the next certificate?',
          action: 'Discard it',
          danger: true,
          onClose: close,
          onConfirm: async () => {
            await call('certificate.discard', {});
            announce('The next certificate has been discarded');
            await reload();
          },
        },
        html`<p>Its private key is erased. The certificate in service stays.</p>`,
      ),
  );
};

const activate = ({ sha1, sha256 }: Server, reload: () => Promise<void>, onClose: () => void): Node =>
  confirm(
    {
      title: 'Put the next certificate into service?',
      action: 'Put it into service',
      danger: true,
      typed: sha1.slice(-5),
      onClose,
      onConfirm: async () => {
        await call('certificate.activate', { sha256 });
        announce('The next certificate is in service');
        await reload();
      },
    },
    html`<p>From now on whoever connects is shown this certificate; open connections stay. A vCenter that has not been told to trust it
      does not connect any more, nor do its hosts. This page is served with it too: your browser may ask you about it.</p>
    <p>The last digits of its SHA-1 fingerprint are to be typed: ${copyable({ text: sha1, label: 'SHA-1 fingerprint' })}</p>`,
  );
