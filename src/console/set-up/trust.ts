// Admits a client: by the certificate that vCenter shows, by a signing request of it, or by a key pair that is made here. A
// private key is shown on this line only to whoever insists, because a serial line may be recorded; it is handed over on
// the web page.

import { X509Certificate } from 'node:crypto';
import type { PageContext } from '../page.ts';
import { pageAddress } from '../status-screen.ts';
import { nameProblem } from './instance-name.ts';
import type { Task } from './step.ts';

const ways = [
  {
    label: 'vCenter Certificate: paste it here',
    help: 'The simplest: vCenter shows a certificate of its own. It is pasted here as PEM, on a serial line or SSH.',
    value: 'certificate',
  },
  {
    label: 'New Certificate Signing Request: paste it here',
    help: 'vCenter keeps its key, we sign; the certificate that comes of it is given back to vCenter.',
    value: 'sign',
  },
  {
    label: 'KMS certificate and private key: made here',
    help: 'A key pair that is uploaded to vCenter.',
    value: 'issue',
  },
  { label: 'On the web page', help: 'Where files can be given and taken.', value: 'page' },
] as const;

/** Asks for which instance and how, and does it. */
export const trustClient: Task = async (context) => {
  const instance = await chooseInstance(context);
  if (instance === undefined) return false;
  for (;;) {
    const way = await context.ui.menu({
      title: `Trust a client of ${instance}`,
      text: [
        'In the vSphere Client select the key server, Establish Trust, Make KMS trust vCenter; choose the same way there and here.',
      ],
      choices: ways,
    });
    if (way === undefined) return false;
    if (await tasks[way](context, instance)) return true;
  }
};

/** Where there is only one, it is that one; what the first start made stands last. */
const chooseInstance = async ({ ui, call }: PageContext): Promise<string | undefined> => {
  const names = (await call('instance.list', {})).map(({ name }) => name).reverse();
  if (names.length <= 1) return names[0];
  const choices = names.map((name) => ({ label: name, value: name }));
  return ui.menu({ title: 'Trust a client', text: ['Whose keys may it use?'], choices });
};

type Way = (typeof ways)[number]['value'];
type WayTask = (context: PageContext, instance: string) => Promise<boolean>;

const nameField = {
  name: 'name',
  label: 'Name of the client',
  value: 'vcenter',
  check: nameProblem,
  help: 'How it is called here.',
} as const;

const certificateProblem = (text: string): string | undefined => {
  try {
    return new X509Certificate(text).subject === undefined ? 'no subject' : undefined;
  } catch {
    return 'this is no certificate in PEM';
  }
};

const byCertificate: WayTask = async ({ ui, call }, instance) => {
  const client = await ui.submit(
    {
      title: 'vCenter Certificate',
      text: ['Paste the certificate that vCenter shows, from BEGIN to END, then press Tab.'],
      fields: [nameField, { name: 'certificate', label: 'Certificate', kind: 'lines', check: certificateProblem }],
    },
    'Admitting the client',
    ({ name, certificate }) => call('client.add', { instance, name, certificate: certificate.trim() }),
  );
  if (!client) return false;
  const text = [
    `${client.name} of ${client.instance} is admitted.`,
    '',
    `Subject  ${client.subject}`,
    `SHA-1    ${client.sha1}`,
  ];
  await ui.message({ title: 'vCenter Certificate', text, tone: 'good' });
  return true;
};

const bySign: WayTask = async ({ ui, call }, instance) => {
  const signed = await ui.submit(
    {
      title: 'New Certificate Signing Request',
      text: ['Paste the request that vCenter made, from BEGIN to END, then press Tab.'],
      fields: [nameField, { name: 'request', label: 'Signing request', kind: 'lines' }],
    },
    'Signing the request',
    ({ name, request }) =>
      call('client.sign', { instance, name, request: request.trim(), days: undefined, keepOld: undefined }),
  );
  if (!signed) return false;
  await ui.copy(
    `Certificate of ${signed.client.name}: in vCenter, Upload Signed CSR Certificate, give it this.`,
    signed.certificatePem,
  );
  return true;
};

const byIssue: WayTask = async (context, instance) => {
  const { ui, call } = context;
  const place = await ui.menu({
    title: 'KMS certificate and private key',
    text: ['Where do you take the private key from? It is handed over once and not kept here.'],
    choices: [
      { label: 'From the web page, as files', value: 'page', help: 'Nobody else sees it.' },
      { label: 'From this line', value: 'here', help: 'To mark and copy. A serial line may be recorded.' },
    ],
  });
  if (place === undefined) return false;
  if (place === 'page') return showPage(context, instance);
  const named = await ui.form({ title: 'KMS certificate and private key', fields: [nameField] });
  if (!named) return false;
  const text = [
    'The private key will be written on this line. Whoever records the line can take the place of this client.',
  ];
  if (!(await ui.confirm({ title: 'KMS certificate and private key', text, word: 'show' }))) return false;
  const issued = await ui.progress('Making key and certificate', () =>
    call('client.issue', { instance, name: named.name, days: undefined }),
  );
  await ui.copy(
    `Certificate and private key of ${named.name}: in vCenter, KMS certificate and private key.`,
    `${issued.certificatePem.trim()}\n${issued.privateKeyPem}`,
  );
  return true;
};

const showPage: WayTask = async ({ ui, call, hostFacts }, instance) => {
  const address = pageAddress(await call('status', {}), hostFacts());
  const text =
    address === undefined
      ? ['The web page is off.']
      : [`Open ${address} and go to Trust, service instance ${instance}.`];
  await ui.message({ title: 'On the web page', text });
  return address !== undefined;
};

const tasks: Readonly<Record<Way, WayTask>> = {
  certificate: byCertificate,
  sign: bySign,
  issue: byIssue,
  page: showPage,
};
