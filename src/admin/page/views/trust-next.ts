// How the next server certificate comes about: our own authority makes it, an authority of the customer signs a request, or
// a key and certificate are brought.

import { useState } from 'preact/hooks';
import type { Input, Output } from '../../api/table.ts';
import { announce } from '../announce.ts';
import { call } from '../api.ts';
import { type Children, html, type Node } from '../html.ts';
import { button } from '../parts/button.ts';
import { downloadButton } from '../parts/copy.ts';
import { areaField, checkField, fileField, selectField, textField } from '../parts/field.ts';
import { type FormValues, form } from '../parts/form.ts';
import { base64Of, optionalPem, pemFields, readPem } from '../parts/pem-fields.ts';
import { tile } from '../parts/tile.ts';

type KeyType = NonNullable<Input['certificate.renew']['keyType']>;
type Way = 'renew' | 'request' | 'import';

interface Props {
  readonly view: Output['certificate.show'];
  readonly reload: () => Promise<void>;
}

const keyTypes = [
  ['', 'as configured (RSA-2048, unless changed)'],
  ['rsa-2048', 'RSA-2048: every vSphere release takes it'],
  ['rsa-3072', 'RSA-3072'],
  ['ec-p256', 'Elliptic curve P-256: unverified with vSphere'],
] as const;

export const NextCertificate = ({ view, reload }: Props): Node => {
  const [way, setWay] = useState<Way | undefined>(undefined);
  const back = (): void => setWay(undefined);
  const done = async (): Promise<void> => {
    announce('The next certificate waits to be put into service');
    setWay(undefined);
    await reload();
  };
  if (view.request) return waiting(view.request.requestPem, reload, done);
  const choices = html`<p>The certificate in service stays until you put the next one into service.</p>
    <div class="actions">
      ${button({ needs: 'certificate.renew', onClick: () => setWay('renew') }, 'Make a new one')}
      ${button({ needs: 'certificate.request', kind: 'tertiary', onClick: () => setWay('request') }, 'Have it signed by your authority')}
      ${button({ needs: 'certificate.import', kind: 'tertiary', onClick: () => setWay('import') }, 'Bring your own')}
    </div>`;
  const body = {
    renew: () => renew(done, back),
    request: () => request(reload, back),
    import: () => bring(done, back),
  };
  return tile({ title: 'Next server certificate' }, way ? body[way]() : choices);
};

const nameFields = (): Children => [
  areaField({
    name: 'names',
    label: 'Further DNS names and addresses',
    rows: 3,
    required: false,
    help: 'One a line, beside those of this machine. Empty: those of the certificate in service.',
  }),
  selectField({ name: 'keyType', label: 'Key', required: false, options: keyTypes }),
];

const namesOf = (values: FormValues): readonly string[] | undefined => {
  const names = values
    .raw('names')
    .split(/[\s,]+/)
    .filter((name) => name !== '');
  return names.length > 0 ? names : undefined;
};
const keyTypeOf = (values: FormValues): KeyType | undefined => values.optional('keyType') as KeyType | undefined;

const renew = (done: () => Promise<void>, onCancel: () => void): Node =>
  form(
    {
      submit: 'Make the next certificate',
      onCancel,
      onSubmit: async (values) => {
        const newAuthority = values.checked('newAuthority');
        await call('certificate.renew', {
          names: namesOf(values),
          keyType: keyTypeOf(values),
          days: undefined,
          newAuthority,
        });
        await done();
      },
    },
    nameFields(),
    checkField({
      name: 'newAuthority',
      label: 'Make a new authority as well. Clients that the old one signed stay admitted.',
    }),
  );

const subjectFields = [
  ['organization', 'Organization'],
  ['organizationalUnit', 'Organizational unit'],
  ['locality', 'Locality'],
  ['state', 'State'],
] as const;

const request = (reload: () => Promise<void>, onCancel: () => void): Node =>
  form(
    {
      submit: 'Make the signing request',
      onCancel,
      done: 'The signing request waits for its certificate',
      onSubmit: async (values) => {
        await call('certificate.request', {
          names: namesOf(values),
          keyType: keyTypeOf(values),
          commonName: values.optional('commonName'),
          organization: values.optional('organization'),
          organizationalUnit: values.optional('organizationalUnit'),
          locality: values.optional('locality'),
          state: values.optional('state'),
          country: values.optional('country')?.toUpperCase(),
        });
        await reload();
      },
    },
    html`<p>The private key is made here and never leaves this server.</p>`,
    textField({
      name: 'commonName',
      label: 'Common name',
      required: false,
      maxLength: 64,
      help: 'Empty: the name of this machine.',
    }),
    subjectFields.map(([name, label]) => textField({ name, label, required: false, maxLength: 64 })),
    textField({
      name: 'country',
      label: 'Country',
      required: false,
      maxLength: 2,
      pattern: ['[A-Za-z]{2}', 'Two letters.'],
    }),
    nameFields(),
  );

const chainField = (): Node =>
  pemFields({
    name: 'chain',
    label: 'Chain',
    required: false,
    help: 'The authorities above it, in any order, where the certificate does not bring them.',
  });

const waiting = (requestPem: string, reload: () => Promise<void>, done: () => Promise<void>): Node =>
  tile(
    {
      title: 'Signing request',
      actions: downloadButton({ name: 'kmip-edge.csr', content: requestPem, kind: 'primary' }, 'Download the request'),
    },
    html`<p>1. Give the request to your authority. 2. Come back with the certificate that it made of it.</p>`,
    form(
      {
        submit: 'Install the certificate',
        needs: 'certificate.install',
        onCancel: () => void call('certificate.discard', {}).then(reload),
        cancel: 'Discard the request',
        onSubmit: async (values) => {
          const certificate = await readPem(values, 'certificate', 'the certificate');
          await call('certificate.install', { certificate, chain: await optionalPem(values, 'chain') });
          await done();
        },
      },
      pemFields({ name: 'certificate', label: 'Certificate' }),
      chainField(),
    ),
  );

const bring = (done: () => Promise<void>, onCancel: () => void): Node =>
  form(
    {
      submit: 'Take it as the next certificate',
      onCancel,
      onSubmit: async (values) => {
        await call('certificate.import', await importOf(values));
        await done();
      },
    },
    fileField({
      name: 'pkcs12',
      label: 'PKCS #12 file',
      required: false,
      accept: '.p12,.pfx',
      help: 'With key, certificate and chain; or give them below.',
    }),
    textField({
      name: 'passphrase',
      label: 'Passphrase',
      type: 'password',
      autocomplete: 'new-password',
      required: false,
      maxLength: 1024,
      help: 'Of the file, or of the private key.',
    }),
    html`<details class="more"><summary>As PEM</summary>
      ${pemFields({ name: 'certificate', label: 'Certificate', required: false })}
      ${pemFields({ name: 'privateKey', label: 'Private key', required: false, example: '-----BEGIN PRIVATE KEY-----', accept: '.pem,.key' })}
      ${chainField()}
    </details>`,
  );

const importOf = async (values: FormValues): Promise<Input['certificate.import']> => {
  const file = values.file('pkcs12');
  return {
    pkcs12: file && base64Of(new Uint8Array(await file.arrayBuffer())),
    certificate: await optionalPem(values, 'certificate'),
    privateKey: await optionalPem(values, 'privateKey'),
    chain: await optionalPem(values, 'chain'),
    passphrase: values.raw('passphrase') || undefined,
  };
};
