// What an administrator does in order until vCenter encrypts with keys from here. Whether a step is done is told from the
// live state, and each holds the exact values that are typed elsewhere.

import type { Output } from '../../api/table.ts';
import { useAnnounced } from '../announce.ts';
import { call } from '../api.ts';
import { plural } from '../format.ts';
import { html, type Node } from '../html.ts';
import { useLive } from '../live.ts';
import { kmipHost } from '../own-address.ts';
import { button } from '../parts/button.ts';
import { copyable } from '../parts/copy.ts';
import { form } from '../parts/form.ts';
import { link } from '../parts/link.ts';
import { problemNotice } from '../parts/notification.ts';
import { type Step, steps } from '../parts/progress.ts';
import { newSecretFields, readNewSecret } from '../parts/secret-fields.ts';
import { facts, heading, loading, state } from '../parts/tile.ts';
import { linkTo } from '../router.ts';

type Status = Output['status'];
type Clients = Output['client.list'];
type Roots = Output['root.list'];

export const SetUp = (): Node => {
  const status = useLive('status', {});
  const clients = useLive('client.list', {});
  const roots = useLive('root.list', {});
  const problem = status.problem ?? clients.problem ?? roots.problem;
  const items =
    status.data && clients.data && roots.data && stepsOf(status.data, clients.data, roots.data, status.reload);
  useAnnounced(items && `Done: ${items.flatMap(({ title, done }) => (done ? [title] : [])).join(', ')}`);
  return html`${heading({
    title: 'Set-up',
    text: 'Everything until vCenter encrypts with keys from here, in this order. A step that is done says so by itself.',
  })}
  ${problemNotice(problem)}
  ${items ? steps(items) : !problem && loading()}`;
};

/** The instance and the client that the first start makes, for trying things out. */
const own = 'default';

const stepsOf = (status: Status, clients: Clients, roots: Roots, reload: () => Promise<void>): readonly Step[] => {
  const keys = status.instances.reduce((sum, instance) => sum + instance.keys, 0);
  const admitted = clients.filter(({ instance, name }) => instance !== own || name !== own);
  return [
    { title: 'Set the administrator password', done: true, content: password() },
    {
      title: 'Set a recovery passphrase',
      done: status.seal.some((slot) => slot.includes('passphrase')),
      content: passphrase(reload),
    },
    {
      title: 'Make a service instance',
      done: status.instances.some(({ upstream }) => upstream !== 'local'),
      content: serviceInstance(status),
    },
    {
      title: 'Add the key provider in vCenter',
      done: keys > 0 ? true : undefined,
      content: keyProvider(status),
    },
    {
      title: 'Make kmip-edge trust vCenter',
      done: admitted.length + roots.length > 0,
      content: trust(admitted, roots),
    },
    { title: 'See the first key', done: keys > 0, content: firstKey(keys) },
  ];
};

const password =
  (): Node => html`<p>You have signed in with it. It is changed under ${link({ path: ['access'] }, 'Access')}, or on the appliance itself,
    where nobody has to know the old one:</p>
  ${copyable({ text: 'kmip-edge password set', label: 'command' })}`;

const passphrase = (reload: () => Promise<void>): Node =>
  html`<p>What lies on the disk is sealed to this machine. The recovery passphrase opens it when the machine is lost. Keep it on
    paper or in a safe place elsewhere: it is not stored here, and without it a lost machine means lost keys.</p>
  ${form(
    {
      submit: 'Set the passphrase',
      needs: 'seal.passphrase',
      done: 'The recovery passphrase has been set',
      onSubmit: async (values) => {
        await call('seal.passphrase', { passphrase: readNewSecret(values) });
        await reload();
      },
    },
    newSecretFields('Recovery passphrase'),
  )}`;

const serviceInstance = ({ instances }: Status): Node =>
  html`<p>A service instance ties together an upstream, the clients that may use it, and every key made through it. For IBM Key
    Protect have ready: the region, the instance's id, an API key of a service ID with the role Reader, and a root key.</p>
  ${facts(
    instances.map(({ name, upstream, upstreamState }) => [
      name,
      html`${state(upstreamState === 'reachable' ? 'success' : 'warning', `${upstream}, ${upstreamState}`)}${
        upstream === 'local' && html`<span class="aside">with a root key of its own, for trying things out</span>`
      }`,
    ]),
  )}
  ${button({ href: linkTo(['new-instance']), needs: 'instance.create' }, 'Make a service instance')}`;

const keyProvider = ({ kmip, certificate }: Status): Node =>
  html`<p>In the vSphere Client: the vCenter, Configure, Key Providers, Add, <em>Add Standard Key Provider</em>. Type:</p>
  ${facts([
    ['Name', 'any name, such as kmip-edge'],
    ['Address', copyable({ text: kmipHost(kmip.host), label: 'address' })],
    ['Port', copyable({ text: String(kmip.port), label: 'port' })],
    ['Proxy, user, password', 'leave them empty'],
  ])}
  <p>vCenter then shows a certificate. Trust it only if its fingerprint is this one:</p>
  ${facts([
    ['SHA-1', copyable({ text: certificate.sha1, label: 'SHA-1 fingerprint', large: true })],
    ['SHA-256', copyable({ text: certificate.sha256, label: 'SHA-256 fingerprint', large: true })],
  ])}`;

const trust = (admitted: Clients, roots: Roots): Node =>
  html`<p>In the vSphere Client select the key server, <em>Establish Trust</em>, <em>Make KMS trust vCenter</em>. Each of the four
    ways that vCenter offers there works; <em>vCenter Certificate</em> is the simplest: download the certificate that vCenter
    shows, and give it to kmip-edge under Trust.</p>
  <p>${
    admitted.length === 0
      ? 'Nobody has been admitted yet.'
      : `${plural(admitted.length, 'client has', 'clients have')} been admitted: ${admitted.map(({ instance, name }) => `${name} (${instance})`).join(', ')}.`
  }${roots.length > 0 && ` ${plural(roots.length, 'root certificate vouches', 'root certificates vouch')} for others.`}</p>
  ${button({ href: linkTo(['trust']), needs: 'client.add' }, 'Go to Trust')}`;

const firstKey = (keys: number): Node =>
  html`<p>In the vSphere Client choose the provider, <em>Set as Default</em>, and encrypt a virtual machine or switch on vSAN
    encryption. vCenter asks for its first key at once.</p>
  <p>${keys === 0 ? 'No key has been asked for yet. This page notices the first one by itself.' : `There ${keys === 1 ? 'is' : 'are'} ${plural(keys, 'key')}.`}</p>`;
