// The routes by which the identity of a service instance at a KMIP endpoint is renewed.

import { readCertificate } from '../ca/certificate.ts';
import { displayFingerprint } from '../ca/fingerprint.ts';
import { EdgeError } from '../errors.ts';
import type { RenewalState, Renewing } from '../instances/renewing.ts';
import type { AdapterPlace, IdentityView, RenewalView, renewalRoutes } from './api/renewals.ts';
import type { Input } from './api/table.ts';
import type { Handlers } from './routes.ts';

type Access = Omit<Input['renewal.upload'], 'name'>;

/** What the part that talks to Key Protect can do; handed in, because this part does not know it. */
export interface AdapterTools {
  readonly addBeside: (
    wanted: Access & { readonly besidePem: string; readonly certificatePem: string },
  ) => Promise<AdapterPlace>;
  readonly takeOff: (wanted: Access & { readonly certificatePem: string }) => Promise<AdapterPlace | undefined>;
}

/** The handlers over running parts. */
export const renewalHandlers = (
  renewing: Renewing,
  { addBeside, takeOff }: AdapterTools,
): Pick<Handlers, keyof typeof renewalRoutes> => ({
  'renewal.state': ({ name }) => renewalView(name, renewing.state(name)),
  'renewal.begin': async ({ name }) => renewalView(name, await renewing.begin(name)),
  'renewal.upload': async ({ name, ...access }) => {
    const renewal = renewing.state(name);
    if (renewal.state !== 'waiting') throw nothing(name, 'waits to be uploaded');
    return addBeside({ ...access, besidePem: renewal.inUse, certificatePem: renewal.next });
  },
  'renewal.switch': async ({ name }) => renewalView(name, await renewing.switch(name)),
  'renewal.remove': async ({ name, ...access }) => {
    const renewal = renewing.state(name);
    if (renewal.state === 'none') throw nothing(name, 'is out of use');
    const certificatePem = renewal.state === 'waiting' ? renewal.next : renewal.former;
    const adapter = await takeOff({ ...access, certificatePem });
    return { removed: adapter !== undefined, ...(adapter && { adapter }) };
  },
  'renewal.finish': async ({ name }) => renewalView(name, await renewing.finish(name)),
  'renewal.abandon': async ({ name }) => renewalView(name, await renewing.abandon(name)),
});

const nothing = (name: string, what: string): EdgeError =>
  new EdgeError('illegal-operation', `no certificate of '${name}' ${what}`, {
    hint: `see how it stands: 'kmip-edge instance renew-identity ${name} --state'`,
  });

const renewalView = (name: string, renewal: RenewalState): RenewalView => ({
  name,
  state: renewal.state,
  inUse: identityView(renewal.inUse),
  ...(renewal.state === 'waiting' ? { next: identityView(renewal.next) } : {}),
  ...(renewal.state === 'switched' ? { former: identityView(renewal.former) } : {}),
});

const identityView = (certificatePem: string): IdentityView => {
  const { fingerprintSha256, notAfter } = readCertificate(certificatePem);
  return {
    certificatePem,
    sha256: displayFingerprint(fingerprintSha256),
    notAfter: new Date(notAfter).toISOString(),
  };
};
