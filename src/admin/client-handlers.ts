// Trust in clients, in the four ways in which vCenter offers it: its certificate, a certificate and key of ours, a signing
// request, and its root CA.

import { readCertificate } from '../ca/certificate.ts';
import { readClientCertificate } from '../ca/given-certificate.ts';
import { issueClientCertificate, signClientCertificate } from '../ca/issue.ts';
import type { KeyType } from '../ca/key-pair.ts';
import type { Credential } from '../ca/sign.ts';
import { readSigningRequest } from '../ca/signing-request.ts';
import type { Clock } from '../clock.ts';
import { EdgeError, isKind } from '../errors.ts';
import type { InstanceRegistry } from '../instances/registry.ts';
import type { TrustedRoots } from '../instances/trusted-roots.ts';
import type { UseTracker } from '../instances/use-tracker.ts';
import type { Client } from '../keys/instance-ports.ts';
import type { IssuedClient, SignedClient } from './api/clients.ts';
import type { Input, RouteName } from './api/table.ts';
import { clientView, rootView, seenView } from './client-views.ts';
import type { Handlers } from './routes.ts';

export interface ClientHandlerOptions {
  readonly registry: InstanceRegistry;
  readonly roots: TrustedRoots;
  readonly uses: Pick<UseTracker, 'client'>;
  readonly authority: () => Credential;
  readonly clock: Clock;
  /** Of the keys that are made for clients; default: RSA-2048. */
  readonly keyType?: KeyType | undefined;
}

type ClientRoute = Extract<RouteName, `client.${string}` | `root.${string}`>;

const defaultDays = 3650;

/** The handlers over running parts. */
export const clientHandlers = (options: ClientHandlerOptions): Pick<Handlers, ClientRoute> => {
  const { registry, roots, uses, clock } = options;
  const now = () => clock.now();
  const viewOf = (client: Client) => clientView(client, registry, now(), uses.client(client.id));
  return {
    'client.list': () => [
      ...registry.clients().map(viewOf),
      ...roots.roots().flatMap((root) => roots.seen(root.id).map((seen) => seenView(seen, root, registry, now()))),
    ],
    'client.certificate': ({ instance, name }) => signedView(options, registry.clientNamed(instance, name)),
    'client.add': async ({ instance, name, certificate }) => {
      requireFreeName(options, instance, name);
      const { fingerprintSha256, pem } = readClientCertificate(certificate);
      return viewOf(await registry.addClient({ instance, name, fingerprint: fingerprintSha256, certificatePem: pem }));
    },
    'client.issue': (wanted) => issueClient(options, wanted),
    'client.sign': (wanted) => signClient(options, wanted),
    'client.drop-old': async ({ instance, name }) => viewOf(await registry.dropFormer(instance, name)),
    'client.remove': async ({ instance, name }) => viewOf(await registry.removeClient(instance, name)),
    'root.list': () => roots.roots().map((root) => rootView(root, registry, now())),
    'root.trust': async (wanted) => rootView(await roots.trust(wanted), registry, now()),
    'root.allow': async ({ instance, name, ...more }) =>
      rootView(await roots.allow(instance, name, more), registry, now()),
    'root.disallow': async ({ instance, name, ...less }) =>
      rootView(await roots.disallow(instance, name, less), registry, now()),
    'root.remove': async ({ instance, name }) => rootView(await roots.remove(instance, name), registry, now()),
  };
};

/** A root's name stands for its clients. */
const requireFreeName = ({ registry, roots }: ClientHandlerOptions, instanceName: string, name: string): void => {
  const { id } = registry.instanceNamed(instanceName);
  if (!roots.roots().some((root) => root.instanceId === id && root.name === name)) return;
  throw new EdgeError('already-exists', `service instance '${instanceName}' has a root named '${name}'`, {
    hint: 'choose another name',
  });
};

/** The private key is made here and handed over once; it is not kept. */
const issueClient = async (
  options: ClientHandlerOptions,
  { instance, name, days = defaultDays }: Input['client.issue'],
): Promise<IssuedClient> => {
  const { registry, authority, clock, keyType } = options;
  requireFreeName(options, instance, name);
  const issued = await issueClientCertificate(authority(), { commonName: name, days, keyType, now: clock.now() });
  const { fingerprintSha256, pem } = readCertificate(issued.certificatePem);
  const added = { instance, name, fingerprint: fingerprintSha256, certificatePem: pem, origin: 'issued' as const };
  const client = await registry.addClient(added);
  return { ...signedView(options, client), privateKeyPem: issued.privateKeyPem.reveal() };
};

/** Only the last request of a client counts, as in vCenter itself. */
const signClient = async (
  options: ClientHandlerOptions,
  { instance, name, request, days = defaultDays, keepOld = false }: Input['client.sign'],
): Promise<SignedClient> => {
  const { registry, authority, clock } = options;
  requireFreeName(options, instance, name);
  const { publicKeyPem } = readSigningRequest(request);
  const draft = { commonName: name, days, now: clock.now() };
  const { fingerprintSha256, pem } = readCertificate(await signClientCertificate(authority(), publicKeyPem, draft));
  const next = { fingerprint: fingerprintSha256, certificatePem: pem, origin: 'signed' as const };
  const before = clientIfAny(registry, instance, name);
  if (before && before.origin !== 'signed') {
    throw new EdgeError(
      'already-exists',
      `client '${name}' of '${instance}' has a certificate that was not signed here`,
      {
        hint: 'choose another name, or remove that client first',
      },
    );
  }
  const client = before
    ? await registry.replaceCertificate(before, next, keepOld)
    : await registry.addClient({ instance, name, ...next });
  return signedView(options, client);
};

const clientIfAny = (registry: InstanceRegistry, instance: string, name: string): Client | undefined => {
  registry.instanceNamed(instance);
  try {
    return registry.clientNamed(instance, name);
  } catch (error) {
    if (isKind(error, 'item-not-found')) return undefined;
    throw error;
  }
};

const signedView = ({ registry, authority, clock }: ClientHandlerOptions, client: Client): SignedClient => ({
  client: clientView(client, registry, clock.now()),
  certificatePem: client.certificatePem,
  authorityPem: authority().certificatePem,
});
