// The steps of the set-up, in the order in which they are done until vCenter encrypts with keys from here.

import type { StatusView } from '../../admin/api/status.ts';
import type { Step, StepState } from './step.ts';

/** The instance and the client that the first start makes, for trying things out. */
const own = 'default';

export const steps: readonly Step[] = [
  {
    label: 'Network',
    text: 'Where vCenter and the hosts reach this appliance, and whether it has a way to its upstream.',
    state: ({ hostFacts }) => {
      const { name, addresses } = hostFacts();
      const isDone = addresses.length > 0;
      return {
        text: isDone ? `${name}: ${addresses.join(', ')}` : 'It has no address: is a network attached?',
        isDone,
      };
    },
    load: async () => (await import('./network.ts')).changeNetwork,
  },
  {
    label: 'Time',
    text: 'Leases and certificates are judged by the clock of this appliance.',
    state: async () => (await import('./time.ts')).timeState(),
    load: async () => (await import('./time.ts')).changeTime,
  },
  {
    label: "Administrator's password",
    text: 'It opens this console and the web page.',
    state: (_context, { https }) =>
      https.passwordSet ? done('A password has been set.') : missing('No password has been set.'),
    load: async () => (await import('./password.ts')).setPassword,
  },
  {
    label: 'Upstream',
    text: 'What protects the keys: a root key in IBM Key Protect, a KMIP endpoint in a region, or a root key of this appliance.',
    state: (_context, status) => upstreamState(status),
    load: async () => (await import('./upstream.ts')).makeInstance,
  },
  {
    label: 'Server certificate',
    text: 'vCenter shows its fingerprint when the key provider is added. Trust it there only if it is the same.',
    state: (_context, { certificate }) => done(`SHA-1 ${certificate.sha1}`),
    load: async () => (await import('./server-certificate.ts')).showFingerprints,
  },
  {
    label: 'Trust vCenter',
    text: 'Only clients whose certificates are admitted get keys.',
    state: async ({ call }) => {
      const clients = await call('client.list', {});
      const admitted = clients.filter(({ instance, name }) => instance !== own || name !== own);
      if (admitted.length === 0) return missing('Nobody has been admitted yet.');
      return done(`Admitted: ${admitted.map(({ instance, name }) => `${name} (${instance})`).join(', ')}`);
    },
    load: async () => (await import('./trust.ts')).trustClient,
  },
  {
    label: 'Recovery passphrase',
    text: 'It opens the data when this machine is lost. Without it a lost machine may mean lost keys.',
    state: (_context, { seal }) =>
      seal.some((slot) => slot.includes('passphrase'))
        ? done('A recovery passphrase has been set.')
        : missing('No recovery passphrase has been set.'),
    load: async () => (await import('./recovery.ts')).setRecoveryPassphrase,
  },
  {
    label: 'In vCenter',
    text: 'The rest is done in the vSphere Client.',
    state: (_context, { instances }) => {
      const keys = instances.reduce((sum, instance) => sum + instance.keys, 0);
      return keys > 0 ? done(`Keys that clients have made: ${keys}.`) : missing('No key has been asked for yet.');
    },
    load: async () => (await import('./in-vcenter.ts')).showVcenterSteps,
  },
];

const done = (text: string): StepState => ({ text, isDone: true });
const missing = (text: string): StepState => ({ text, isDone: false });

const upstreamState = ({ instances }: StatusView): StepState => {
  const real = instances.filter(({ upstream }) => upstream !== 'local');
  const shown = instances
    .map(({ name, upstream, upstreamState: state }) => `${name}: ${upstream}, ${state}`)
    .join('; ');
  return { text: shown, isDone: real.length > 0 };
};
