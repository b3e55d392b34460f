// The routes around a KMIP endpoint as upstream: first contact, our identity there, trust, and keeping in step.

import { readCertificate } from '../ca/certificate.ts';
import { displayFingerprint } from '../ca/fingerprint.ts';
import { EdgeError } from '../errors.ts';
import type { SyncState } from '../keys/authority.ts';
import type { EndpointView, MadeAdapter, PresentedView, RegionView } from './api/endpoints.ts';
import type { SyncView } from './api/instances.ts';
import type { Input } from './api/table.ts';
import type { Identities } from './identities.ts';
import type { InstanceHandlerOptions } from './instance-handlers.ts';
import type { Handlers } from './routes.ts';
import { instanceView, syncView, type ViewParts } from './views.ts';

/** What the parts that talk to upstreams can do for a set-up; handed in, because this part does not know them. */
export interface UpstreamTools {
  readonly listEndpoints: () => readonly EndpointFacts[];
  readonly lookAtEndpoint: (typed: string) => Promise<EndpointFacts & { readonly seen: readonly SeenAddress[] }>;
  readonly listRootKeys: InstanceHandlerOptions['listRootKeys'];
  readonly makeAdapter: (wanted: Input['adapter.make'] & { readonly certificatePem: string }) => Promise<MadeAdapter>;
}

interface EndpointFacts {
  readonly name: string;
  readonly kind?: string;
  readonly place?: string;
  readonly addresses: readonly string[];
  readonly running?: 'runs' | 'will-end' | 'ended';
  readonly ends?: number;
}

interface SeenAddress {
  readonly address: string;
  readonly certificate?: {
    readonly sha256: string;
    readonly sha1: string;
    readonly subject: string;
    readonly issuer: string;
    readonly names: string;
    readonly notBefore: number;
    readonly notAfter: number;
  };
  readonly published?: boolean;
  readonly problem?: string;
}

export interface UpstreamHandlerOptions extends ViewParts {
  readonly identities: Identities;
  readonly tools: UpstreamTools;
}

type UpstreamRoute =
  | 'identity.make'
  | 'adapter.make'
  | 'endpoint.list'
  | 'endpoint.look'
  | 'instance.update'
  | 'instance.sync'
  | 'instance.sync.state';

const iso = (ms: number): string => new Date(ms).toISOString();

/** The handlers over running parts. */
export const upstreamHandlers = (options: UpstreamHandlerOptions): Pick<Handlers, UpstreamRoute> => {
  const { registry, identities, tools } = options;
  const authorityNamed = (name: string) => registry.authorityOfInstance(registry.instanceNamed(name).id);
  return {
    'identity.make': async ({ name }) => {
      const { certificatePem } = await identities.make(name);
      const { fingerprintSha256 } = readCertificate(certificatePem);
      return { name, certificatePem, sha256: displayFingerprint(fingerprintSha256) };
    },
    'adapter.make': async (wanted) => {
      const { certificatePem } = await identities.make(wanted.name);
      // Two appliances may call their instances alike: they must not share an adapter, hence each other's keys.
      const { fingerprintSha256 } = readCertificate(certificatePem);
      return tools.makeAdapter({ ...wanted, name: `${wanted.name}-${fingerprintSha256.slice(0, 8)}`, certificatePem });
    },
    'endpoint.list': () => tools.listEndpoints().map(regionView),
    'endpoint.look': async ({ endpoint }) => {
      const { seen, ...facts } = await tools.lookAtEndpoint(endpoint);
      return { ...regionView(facts), seen: seen.map(presentedView) } satisfies EndpointView;
    },
    'instance.update': async ({ name, settings }) =>
      instanceView(options, await registry.updateUpstream(name, settings)),
    'instance.sync': ({ name }) => {
      const authority = authorityNamed(name);
      // Who waits for its end asks for its state.
      void authority.sync();
      return syncViewOf(authority.status().sync);
    },
    'instance.sync.state': ({ name }) => syncViewOf(authorityNamed(name).status().sync),
  };
};

const regionView = ({ name, kind, place, addresses, running, ends }: EndpointFacts): RegionView => ({
  name,
  addresses,
  ...(kind === undefined ? {} : { kind }),
  ...(place === undefined ? {} : { place }),
  ...(running === undefined ? {} : { running }),
  ...(ends === undefined ? {} : { ends: iso(ends) }),
});

const presentedView = ({ address, certificate, published, problem }: SeenAddress): PresentedView => ({
  address,
  ...(published === undefined ? {} : { published }),
  ...(problem === undefined ? {} : { problem }),
  ...(certificate && {
    certificate: {
      subject: certificate.subject,
      issuer: certificate.issuer,
      names: certificate.names,
      sha256: displayFingerprint(certificate.sha256),
      sha1: displayFingerprint(certificate.sha1),
      notBefore: iso(certificate.notBefore),
      notAfter: iso(certificate.notAfter),
    },
  }),
});

const syncViewOf = (state: SyncState | undefined): SyncView => {
  if (state) return syncView(state);
  throw new EdgeError('operation-not-supported', 'this service instance has nothing to keep in step with', {
    hint: 'only a KMIP endpoint holds keys of its own',
  });
};
