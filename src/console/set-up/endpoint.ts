// A service instance at a KMIP endpoint: which one, whether what it presents is the one that is meant, our identity there,
// and patience until it is accepted. Nothing is sent to an endpoint before somebody said that it is the right one.

import { setTimeout } from 'node:timers/promises';
import type { EndpointView, PresentedView, RegionView } from '../../admin/api/endpoints.ts';
import type { InstanceView } from '../../admin/api/instances.ts';
import type { Input } from '../../admin/api/table.ts';
import { EdgeError, isKind } from '../../errors.ts';
import type { Call, PageContext } from '../page.ts';
import { problemText, type Ui, type Work } from '../ui.ts';
import { instanceNameField } from './instance-name.ts';
import { askForLease } from './lease.ts';
import { showMade } from './made.ts';
import { halvesOf } from './server-certificate.ts';

/** Milliseconds: an uploaded certificate takes up to five minutes to be accepted. */
const patience = 300_000;
const pause = 2000;

/** Asks until it is made; false for Esc. */
export const makeEndpointInstance = async (context: PageContext, taken: readonly string[]): Promise<boolean> => {
  const { ui, call } = context;
  const endpoint = await chooseEndpoint(ui, await call('endpoint.list', {}));
  if (endpoint === undefined) return false;
  const fingerprints = await askForTrust(context, endpoint);
  const named = fingerprints && (await ui.form({ title: 'KMIP endpoint', fields: [instanceNameField(taken)] }));
  if (!named) return false;
  if (!(await introduce(context, named.name))) return false;
  const lease = await askForLease(ui);
  if (!lease) return false;
  const wanted = { name: named.name, upstream: 'kmip', settings: { endpoint, fingerprints }, ...lease };
  const made = await ui.progress(
    'Waiting until the endpoint accepts us',
    (work) => untilAccepted(call, wanted, work),
    true,
  );
  if (!made) return false;
  await showMade(ui, made, ['The endpoint is the one whose fingerprint you compared']);
  return true;
};

const other = 'another';

const chooseEndpoint = async (ui: Ui, regions: readonly RegionView[]): Promise<string | undefined> => {
  const running = regions.filter((region) => region.running !== 'ended');
  const choices = running.map(({ name, place = '', running: state, ends }) => ({
    label: `${name}  ${place}${state === 'will-end' ? `, ends ${ends?.slice(0, 10)}` : ''}`,
    value: name,
  }));
  const chosen = await ui.menu({
    title: 'KMIP endpoint',
    text: ['Which one?'],
    choices: [{ label: 'Another address', value: other }, ...choices],
    selected: Math.min(1, choices.length),
  });
  if (chosen !== other) return chosen;
  const field = {
    name: 'address',
    label: 'Address',
    help: 'HOST:PORT, or several with commas between: all of one service.',
  };
  const typed = await ui.form({ title: 'KMIP endpoint', fields: [field] });
  return typed?.['address']?.trim();
};

/** Shows what it presents; gives pins of exactly that, or undefined where it is not the one. */
const askForTrust = async ({ ui, call }: PageContext, endpoint: string): Promise<readonly string[] | undefined> => {
  const view = await ui.progress(`Looking at ${endpoint}`, () => call('endpoint.look', { endpoint }));
  const fingerprints = [...new Set(view.seen.flatMap(({ certificate }) => certificate?.sha256 ?? []))];
  if (fingerprints.length === 0) {
    throw new EdgeError('upstream-unreachable', `no certificate to be seen: ${view.seen[0]?.problem ?? endpoint}`);
  }
  const isTrusted = await ui.confirm({
    title: 'Is this the endpoint that you mean?',
    text: [...shownEndpoint(view), '', 'Compare the fingerprint with a source that you trust. Esc: it is not the one.'],
    word: 'yes',
  });
  return isTrusted ? fingerprints : undefined;
};

const shownEndpoint = ({ name, place, seen }: EndpointView): readonly string[] => [
  place === undefined ? name : `${name} (${place})`,
  ...seen.flatMap(shownAddress),
];

const shownAddress = ({ address, certificate, published, problem }: PresentedView): readonly string[] => {
  if (!certificate) return [`${address}: ${problem ?? 'it presents no certificate'}`];
  const compared = published ? ', the one that IBM published' : ', NOT the one that IBM published';
  return [
    `${address}: ${certificate.subject}`,
    `issued by ${certificate.issuer}, valid until ${certificate.notAfter.slice(0, 10)}`,
    ...halvesOf(certificate.sha256).map((half, row) => (row === 0 ? 'SHA-256 ' : '        ') + half),
    `SHA-1 ${certificate.sha1}${published === undefined ? '' : compared}`,
  ];
};

/** Makes our identity, and sees that it gets to the endpoint: by hand, or by an API key that may. False for Esc. */
const introduce = async (context: PageContext, name: string): Promise<boolean> => {
  const { ui, call } = context;
  const { certificatePem, sha256 } = await call('identity.make', { name });
  for (;;) {
    const way = await ui.menu({
      title: 'Our client certificate there',
      text: ['The endpoint has to know our client certificate. SHA-256', ...halvesOf(sha256)],
      choices: [
        {
          label: 'Make the KMIP adapter in Key Protect and upload it there',
          help: 'Needs an API key with the role Manager or KmipAdapterManager; it is used once and not kept.',
          value: 'upload',
        },
        { label: 'Show it: I upload it myself', help: 'As PEM, to mark and copy.', value: 'show' },
        { label: 'It has been uploaded: go on', value: 'go on' },
      ],
    });
    if (way === undefined) return false;
    if (way === 'go on' || (way === 'upload' && (await makeAdapter(context, name)))) return true;
    if (way === 'show') await ui.copy(`Client certificate of ${name}`, certificatePem);
  }
};

const makeAdapter = async ({ ui, call }: PageContext, name: string): Promise<boolean> => {
  const made = await ui.submit(
    {
      title: 'KMIP adapter in Key Protect',
      fields: [
        { name: 'url', label: 'Region or endpoint', help: 'A region such as eu-de, or the URL of another endpoint.' },
        { name: 'instanceId', label: 'Key Protect instance', help: 'Its GUID or CRN.' },
        { name: 'crk', label: 'Root key (CRK)', help: 'Its identifier or alias.' },
        { name: 'apiKey', label: 'API key', kind: 'hidden', isKept: true },
      ],
    },
    'Making the KMIP adapter',
    ({ url, instanceId, crk, apiKey }) => {
      const none = { iamUrl: undefined, keyRing: undefined, caBundle: undefined };
      return call('adapter.make', {
        ...none,
        name,
        url: url.trim(),
        instanceId: instanceId.trim(),
        crk: crk.trim(),
        apiKey,
      });
    },
  );
  if (!made) return false;
  await ui.message({ title: 'KMIP adapter', text: [`${made.adapterName} has the certificate now.`], tone: 'good' });
  return true;
};

/** Tries again where the endpoint does not accept us yet; undefined where somebody stopped it. */
const untilAccepted = async (
  call: Call,
  wanted: Input['instance.create'],
  { report, signal }: Work,
): Promise<InstanceView | undefined> => {
  const end = performance.now() + patience;
  for (let shown = ''; !signal.aborted; ) {
    try {
      return await call('instance.create', wanted);
    } catch (error) {
      const isEarly = isKind(error, 'upstream-unreachable', 'upstream-refused', 'permission-denied');
      if (!isEarly || performance.now() > end) throw error;
      const text = problemText(error);
      if (text !== shown) report(`Not accepted yet: ${text}`);
      shown = text;
      await setTimeout(pause, undefined, { signal }).catch(() => {});
    }
  }
  return undefined;
};
