// Certificates: the one of this server and the next, and whose are admitted.

import type { CertificatesView } from '../../admin/api/certificates.ts';
import type { ClientView } from '../../admin/api/clients.ts';
import type { PageContext } from '../page.ts';
import { certificateLines, halvesOf } from '../set-up/server-certificate.ts';
import { trustClient } from '../set-up/trust.ts';

type Act = (context: PageContext) => Promise<void>;

/** The page. */
export const certificatesPage = async (context: PageContext): Promise<void> => {
  const { ui, call } = context;
  for (let act: Act | undefined; ; ) {
    const view = await call('certificate.show', {});
    const choices: readonly { readonly label: string; readonly help: string; readonly value: Act }[] = [
      { label: 'Show the server certificate', help: 'With its fingerprints.', value: showCertificate },
      view.next
        ? { label: 'The next server certificate', help: 'It waits to be put into service.', value: showNext }
        : { label: 'Renew the server certificate', help: 'Makes the next one; it does not count yet.', value: renew },
      { label: 'Clients', help: 'Who is admitted; remove somebody.', value: showClients },
      { label: 'Admit a client', help: 'By its certificate, a signing request, or a key pair.', value: admit },
    ];
    act = await ui.menu({ title: 'Certificates and clients', choices });
    if (!act) return;
    await act(context).catch((error: unknown) => ui.problem('Certificates and clients', error));
  }
};

const admit: Act = async (context) => void (await trustClient(context));

const showCertificate: Act = async ({ ui, call }) => {
  const { current } = await call('certificate.show', {});
  await ui.message({ title: 'Server certificate', text: certificateLines(current) });
};

const renew: Act = async (context) => {
  const { ui, call } = context;
  const made = await ui.submit(
    {
      title: 'Renew the server certificate',
      text: ['The one in service stays until you put the next one into service.'],
      fields: [
        {
          name: 'names',
          label: 'Further names',
          optional: true,
          help: 'DNS names and addresses, separated by spaces or commas. Empty: those of the certificate in service.',
        },
      ],
    },
    'Making a certificate',
    ({ names }) => {
      const all = names.split(/[\s,]+/).filter((name) => name !== '');
      const usual = { keyType: undefined, days: undefined, newAuthority: undefined };
      return call('certificate.renew', { ...usual, names: all.length > 0 ? all : undefined });
    },
  );
  if (made) await showNext(context);
};

const showNext: Act = async (context) => {
  const { ui, call } = context;
  const { next } = await call('certificate.show', {});
  if (!next) return;
  const act = await ui.menu({
    title: 'Next server certificate',
    text: [
      'In each vCenter select the key server, Establish Trust, Upload KMS Certificate, and give it this certificate. When all have it, put it into service.',
      `SHA-1 ${next.sha1}`,
    ],
    choices: [
      { label: 'Show it', value: 'show' },
      { label: 'Show it as PEM, to copy', value: 'copy' },
      { label: 'Put it into service', value: 'activate' },
      { label: 'Discard it', value: 'discard' },
    ],
  });
  if (act === 'show') await ui.message({ title: 'Next server certificate', text: certificateLines(next) });
  if (act === 'copy') await ui.copy('Next server certificate', next.certificatePem);
  if (act === 'activate') await activate(context, next);
  if (act === 'discard') await discard(context);
  else if (act !== undefined && act !== 'activate') await showNext(context);
};

const activate = async ({ ui, call }: PageContext, { sha1, sha256 }: CertificatesView['current']): Promise<void> => {
  const sure = await ui.confirm({
    title: 'Put the next certificate into service?',
    text: [
      'From now on whoever connects is shown this certificate; open connections stay. A vCenter that has not been told to trust it does not connect any more, nor do its hosts.',
      `The last digits of its SHA-1 fingerprint are to be typed: ${sha1}`,
    ],
    word: sha1.slice(-5),
  });
  if (!sure) return;
  await call('certificate.activate', { sha256 });
  await ui.message({ title: 'Server certificate', text: ['It is in service.'], tone: 'good' });
};

const discard = async ({ ui, call }: PageContext): Promise<void> => {
  const text = ['Its private key is erased. The certificate in service stays.'];
  if (await ui.confirm({ title: 'Discard the next certificate?', text, word: 'discard' })) {
    await call('certificate.discard', {});
  }
};

const showClients: Act = async (context) => {
  const { ui, call } = context;
  for (;;) {
    const clients = await call('client.list', {});
    const client = await ui.menu({
      title: 'Clients',
      text: clients.length === 0 ? ['Nobody is admitted.'] : [],
      choices: clients.map((one) => ({
        label: clientLabel(one),
        value: one,
        help: `SHA-1 ${one.sha1}. ${seenText(one)}`,
      })),
    });
    if (!client) return;
    await showClient(context, client);
  }
};

const clientLabel = ({ name, instance, trust, validity }: ClientView): string =>
  `${name.padEnd(16)} ${instance.padEnd(16)} ${trust.padEnd(7)} ${validity === 'valid' ? '' : validity}`.trimEnd();

const seenText = ({ lastSeen, address = '?' }: ClientView): string =>
  lastSeen === undefined ? 'It has never asked for anything.' : `Last seen ${lastSeen} from ${address}.`;

const showClient = async ({ ui, call }: PageContext, client: ClientView): Promise<void> => {
  const { name, instance, trust, subject, sha1, sha256, notAfter } = client;
  const remove = { label: 'Remove it', value: 'remove' } as const;
  const act = await ui.menu({
    title: `${name} of ${instance}`,
    text: [
      `Subject      ${subject}`,
      `Valid until  ${notAfter.slice(0, 10)}`,
      `SHA-1        ${sha1}`,
      ...halvesOf(sha256).map((half, row) => `${row === 0 ? 'SHA-256' : ''}`.padEnd(13) + half),
      seenText(client),
    ],
    // Whom a root admitted goes with the root, on the web page.
    choices: [{ label: 'Back', value: 'back' }, ...(trust === 'root' ? [] : [remove])],
  });
  if (act !== 'remove') return;
  const text = [`${name} gets no keys of ${instance} any more, at once. The keys stay.`];
  if (await ui.confirm({ title: 'Remove the client?', text, word: name }))
    await call('client.remove', { instance, name });
};
