// The four ways in which vCenter and this server come to trust each other, each as the steps in the order in which they are
// done: what vCenter shows, what is given here, and what goes back.

import { useState } from 'preact/hooks';
import type { Output } from '../../api/table.ts';
import { announce } from '../announce.ts';
import { call } from '../api.ts';
import { type Children, html, type Node, put } from '../html.ts';
import { useLive } from '../live.ts';
import { downloadButton } from '../parts/copy.ts';
import { areaField, checkField, namePattern, selectField, textField } from '../parts/field.ts';
import { type FormValues, form } from '../parts/form.ts';
import { notification, problemNotice } from '../parts/notification.ts';
import { optionalPem, pemFields, readPem } from '../parts/pem-fields.ts';
import { heading, loading, tile } from '../parts/tile.ts';
import { linkTo } from '../router.ts';
import type { ViewProps } from '../view.ts';

type Way = 'certificate' | 'issue' | 'sign' | 'root';

/** As vCenter names them under Make KMS trust vCenter. */
const ways = [
  ['certificate', 'vCenter Certificate: the simplest'],
  ['issue', 'KMS certificate and private key: made here, uploaded to vCenter'],
  ['sign', 'New Certificate Signing Request: vCenter keeps its key, we sign'],
  ['root', 'vCenter Root CA Certificate: for the clients on a list'],
] as const;

export const TrustClient = ({ query }: ViewProps): Node => {
  const instances = useLive('instance.list', {}, 0);
  return html`${heading({
    title: 'Trust a client',
    parents: [['Trust', linkTo(['trust'])]],
    text: html`In the vSphere Client select the key server, <em>Establish Trust</em>, <em>Make KMS trust vCenter</em>; choose the same way there and here.`,
  })}
  ${problemNotice(instances.problem)}
  ${instances.data ? put(Ways, { instances: instances.data.map(({ name }) => name), first: query.get('instance') }) : !instances.problem && loading()}`;
};

interface WaysProps {
  readonly instances: readonly string[];
  readonly first: string | null;
}

const Ways = ({ instances, first }: WaysProps): Node => {
  const [way, setWay] = useState<Way>('certificate');
  const [instance, setInstance] = useState(
    first !== null && instances.includes(first) ? first : (instances.at(-1) ?? ''),
  );
  const [done, setDone] = useState<Node | undefined>(undefined);
  const forms = { certificate: byCertificate, issue: byIssue, sign: bySign, root: byRoot };
  const onDone = (text: string, node: Node): void => {
    announce(text);
    setDone(node);
  };
  return html`<div class="stack">
    ${tile(
      { title: '1. For whom, and how' },
      selectField({
        name: 'instance',
        label: 'Service instance',
        value: instance,
        options: instances.map((name) => [name, name] as const),
        onChange: setInstance,
      }),
      selectField({
        name: 'way',
        label: 'Way',
        value: way,
        options: ways,
        onChange: (value) => {
          setWay(value as Way);
          setDone(undefined);
        },
      }),
    )}
    ${html`<div key=${way}>${forms[way](instance, onDone)}</div>`}
    ${done}
  </div>`;
};

type OnDone = (text: string, node: Node) => void;

const nameField = (help: string): Node => textField({ name: 'name', label: 'Name', pattern: namePattern, help });

const admitted = (client: Output['client.add'], ...more: Children[]): Node =>
  notification(
    {
      kind: 'success',
      title: `${client.name} of ${client.instance} is admitted`,
      text: html`SHA-1 <code>${client.sha1}</code>`,
      spoken: true,
    },
    ...more,
  );

const byCertificate = (instance: string, onDone: OnDone): Node =>
  tile(
    { title: '2. vCenter Certificate' },
    html`<p>vCenter shows a certificate of its own: copy it, or download it, and give it here.</p>`,
    form(
      {
        submit: 'Admit it',
        needs: 'client.add',
        onSubmit: async (values) => {
          const certificate = await readPem(values, 'certificate', 'the certificate');
          const client = await call('client.add', { instance, name: values.text('name'), certificate });
          onDone('The client is admitted', admitted(client));
        },
      },
      nameField('How this client is called here, such as vcenter.'),
      pemFields({ name: 'certificate', label: 'Certificate' }),
    ),
  );

const byIssue = (instance: string, onDone: OnDone): Node =>
  tile(
    { title: '2. KMS certificate and private key' },
    html`<p>A key pair is made here and handed over once: save both files, then upload them to vCenter.</p>`,
    form(
      {
        submit: 'Make certificate and key',
        needs: 'client.issue',
        onSubmit: async (values) => {
          const name = values.text('name');
          const { client, certificatePem, privateKeyPem } = await call('client.issue', {
            instance,
            name,
            days: undefined,
          });
          const files = html`<div class="actions">
            ${downloadButton({ name: 'client.pem', content: certificatePem }, 'Download the certificate')}
            ${downloadButton({ name: 'client.key', content: privateKeyPem }, 'Download the private key')}
          </div>
          <p>3. In vCenter upload the certificate and the private key. The key is not kept here and not shown again.</p>`;
          onDone('Certificate and key are made', admitted(client, files));
        },
      },
      nameField('How this client is called here, such as vcenter.'),
    ),
  );

const bySign = (instance: string, onDone: OnDone): Node =>
  tile(
    { title: '2. New Certificate Signing Request' },
    html`<p>vCenter makes a key and a request: copy the request, or download it, and give it here.</p>`,
    form(
      {
        submit: 'Sign it',
        needs: 'client.sign',
        onSubmit: async (values) => {
          const request = await readPem(values, 'request', 'the signing request');
          const [name, keepOld] = [values.text('name'), values.checked('keepOld')];
          const { client, certificatePem } = await call('client.sign', {
            instance,
            name,
            request,
            days: undefined,
            keepOld,
          });
          const file = html`<div class="actions">${downloadButton({ name: `${name}.pem`, content: certificatePem }, 'Download the certificate')}</div>
            <p>3. In vCenter, <em>Upload Signed CSR Certificate</em>: give it this file. Hosts then connect with it.</p>`;
          onDone('The request is signed', admitted(client, file));
        },
      },
      nameField('Of the client. A newer request under the same name replaces its certificate.'),
      pemFields({
        name: 'request',
        label: 'Signing request',
        example: '-----BEGIN CERTIFICATE REQUEST-----',
        accept: '.pem,.csr,.req',
      }),
      checkField({ name: 'keepOld', label: 'Admit the certificate that it had before too, until I drop it' }),
    ),
  );

/** Whom a root may vouch for: one a line. */
export const vouchedFields = (): Node =>
  html`${areaField({
    name: 'subjects',
    label: 'Subjects',
    rows: 3,
    required: false,
    help: 'Each whole and on a line of its own, in the order of the certificate, such as C=US, O=Example, CN=vc01.example.com. Nothing less matches.',
  })}
  ${areaField({
    name: 'keyFingerprints',
    label: 'Key fingerprints',
    rows: 3,
    required: false,
    help: 'SHA-256 of the public key, one a line, instead of a subject. The log shows both of a client that was turned away.',
  })}`;

const linesOf = (values: FormValues, name: string): readonly string[] =>
  values
    .raw(name)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** What was typed into them. */
export const readVouched = (values: FormValues) => ({
  subjects: linesOf(values, 'subjects'),
  keyFingerprints: linesOf(values, 'keyFingerprints'),
});

const byRoot = (instance: string, onDone: OnDone): Node =>
  tile(
    { title: '2. vCenter Root CA Certificate' },
    html`<p>vCenter shows the certificate of its root. It signs every host and every service of vCenter, so it never stands for all of them:
      name each client that may use the keys of ${instance}.</p>`,
    form(
      {
        submit: 'Trust the root for these',
        needs: 'root.trust',
        onSubmit: async (values) => {
          const certificate = await readPem(values, 'certificate', 'the certificate of the root');
          const intermediates = await optionalPem(values, 'intermediates');
          const wanted = { instance, name: values.text('name'), certificate, intermediates, ...readVouched(values) };
          const root = await call('root.trust', wanted);
          const title = `Root ${root.name} vouches for ${root.subjects.length + root.keyFingerprints.length} of its clients`;
          onDone(
            title,
            notification({ kind: 'success', title, text: 'They appear under Trust as they are seen.', spoken: true }),
          );
        },
      },
      nameField('How this root is called here, such as vcenter-root.'),
      pemFields({ name: 'certificate', label: 'Root certificate' }),
      vouchedFields(),
      html`<details class="more"><summary>Authorities between the root and its clients</summary>
        ${pemFields({ name: 'intermediates', label: 'Intermediates', required: false, help: 'Only where clients do not send them.' })}
      </details>`,
    ),
  );
