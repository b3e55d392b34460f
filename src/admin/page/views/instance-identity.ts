// By which certificate the KMIP endpoint of a service instance knows us, and its renewal, step by step: a new one is made, it
// is uploaded, it is put in use, the former one is taken away.

import { useState } from 'preact/hooks';
import type { Output } from '../../api/table.ts';
import { announce } from '../announce.ts';
import { call } from '../api.ts';
import { moment } from '../format.ts';
import { type Children, html, type Node, put } from '../html.ts';
import { useLive } from '../live.ts';
import { copyable, downloadButton } from '../parts/copy.ts';
import { fileField, textField } from '../parts/field.ts';
import { type FormValues, form } from '../parts/form.ts';
import { notification, problemNotice } from '../parts/notification.ts';
import { facts, loading, tile } from '../parts/tile.ts';

type Renewal = Output['renewal.state'];
type Identity = Renewal['inUse'];
/** Says what was done, and shows how it stands now. */
type Done = (text: string) => Promise<void>;

/** The tile of an instance at a KMIP endpoint. */
export const identityTile = (name: string): Node => put(IdentityTile, { name });

const IdentityTile = ({ name }: { readonly name: string }): Node => {
  const { data, problem, reload } = useLive('renewal.state', { name }, 30_000);
  const [told, setTold] = useState({ acts: 0, text: '' });
  const done: Done = async (text) => {
    announce(text);
    await reload();
    setTold((before) => ({ acts: before.acts + 1, text }));
  };
  return tile(
    { title: 'Our certificate at the endpoint' },
    problemNotice(problem),
    told.text !== '' && notification({ kind: 'success', title: told.text }),
    // Drawn anew after each act: an API key that was typed is not left in a field.
    data
      ? html`<div key=${`${data.state} ${told.acts}`}>${content(data, done)}</div>`
      : !problem && loading('the certificate'),
  );
};

const content = (renewal: Renewal, done: Done): readonly Children[] => {
  const { inUse, next, former } = renewal;
  const shown = facts([
    ['In use until', moment(inUse.notAfter)],
    ['SHA-256', fingerprint(inUse, 'SHA-256 fingerprint in use')],
  ]);
  if (next) return [shown, waiting(renewal, next, done)];
  if (former) return [shown, switched(renewal, former, done)];
  return [shown, begin(renewal, done)];
};

const fingerprint = ({ sha256 }: Identity, label: string): Node => copyable({ text: sha256, label });

const begin = ({ name }: Renewal, done: Done): Node =>
  form(
    {
      submit: 'Make a new certificate',
      needs: 'renewal.begin',
      onSubmit: async () => {
        await call('renewal.begin', { name });
        await done('A new certificate is made: upload it');
      },
    },
    html`<p>A new key and certificate are made beside the ones in use, which stay so until the endpoint takes the new ones.</p>`,
  );

const waiting = ({ name }: Renewal, next: Identity, done: Done): Node =>
  html`<div class="stack-tight">
    <p>1. Upload the new certificate to where the one in use is: in Key Protect to the same KMIP adapter, in VMware Solutions to the same KMIP for VMware instance. Leave the one in use there.</p>
    ${facts([
      ['New, ends', moment(next.notAfter)],
      ['SHA-256', fingerprint(next, 'SHA-256 fingerprint of the new one')],
    ])}
    <div class="actions">${downloadButton({ name: `${name}.pem`, content: next.certificatePem }, 'Download the new certificate')}</div>
    ${accessForm('Have it uploaded with an API key', 'Upload it', async (access) => {
      const { adapterName } = await call('renewal.upload', { name, ...access });
      await done(`KMIP adapter ${adapterName} has the new certificate`);
    })}
    <p>2. Put it in use. The endpoint can take five minutes to know it; until then this changes nothing, and can be tried again. No request of vCenter or a host is refused for it.</p>
    ${form(
      {
        submit: 'Put the new certificate in use',
        needs: 'renewal.switch',
        cancel: 'Give it up',
        onCancel: () => void call('renewal.abandon', { name }).then(() => done('The new certificate is given up')),
        onSubmit: async () => {
          await call('renewal.switch', { name });
          await done('The new certificate is in use');
        },
      },
      [],
    )}
  </div>`;

const switched = ({ name }: Renewal, former: Identity, done: Done): Node =>
  html`<div class="stack-tight">
    <p>3. The new certificate is in use. Delete the former one where it was uploaded: it is of no use any more. Backups from before hold its key: make a new one.</p>
    ${facts([['Former', fingerprint(former, 'SHA-256 fingerprint of the former one')]])}
    ${accessForm('Have it taken off with an API key', 'Take it off', async (access) => {
      const { adapter } = await call('renewal.remove', { name, ...access });
      await call('renewal.finish', { name });
      await done(adapter ? `It is off KMIP adapter ${adapter.adapterName}` : 'No KMIP adapter has it');
    })}
    ${form(
      {
        submit: 'The former one is deleted',
        needs: 'renewal.finish',
        onSubmit: async () => {
          await call('renewal.finish', { name });
          await done('The renewal is finished');
        },
      },
      [],
    )}
  </div>`;

type Access = Awaited<ReturnType<typeof readAccess>>;

const accessForm = (summary: string, submit: string, act: (access: Access) => Promise<void>): Node =>
  html`<details class="more"><summary>${summary}</summary>
    ${form(
      { submit, needs: 'renewal.upload', onSubmit: async (values) => act(await readAccess(values)) },
      textField({ name: 'url', label: 'Region or endpoint', help: 'Such as eu-de or private.eu-de.' }),
      textField({ name: 'instanceId', label: 'Key Protect instance', help: 'Its GUID or CRN.' }),
      textField({
        name: 'apiKey',
        label: 'API key',
        type: 'password',
        autocomplete: 'new-password',
        help: 'With the role Manager or KmipAdapterManager. It is used once and not kept.',
      }),
      textField({ name: 'iamUrl', label: 'IAM endpoint', required: false, help: 'For an endpoint of your own.' }),
      fileField({ name: 'caBundle', label: 'CA bundle', required: false, accept: '.pem,.crt,.cer' }),
    )}
  </details>`;

const readAccess = async (values: FormValues) => ({
  url: values.text('url'),
  instanceId: values.text('instanceId'),
  apiKey: values.text('apiKey'),
  iamUrl: values.optional('iamUrl'),
  caBundle: await values.file('caBundle')?.text(),
});
