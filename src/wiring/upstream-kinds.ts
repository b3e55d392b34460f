// Every kind of upstream, with the patience and the proxy of the configuration. Adding a kind is a line here.

import type { Clock } from '../clock.ts';
import type { Config } from '../config/settings.ts';
import { metered } from '../instances/metered.ts';
import type { UpstreamKind } from '../keys/upstream-ports.ts';
import type { Log } from '../log.ts';
import { proxyOf } from '../upstream/key-protect/http.ts';
import { type KeyProtectKindOptions, keyProtectKind } from '../upstream/key-protect/kind.ts';
import { localRootKind } from '../upstream/local-root/kind.ts';
import { regionalKmipKind } from '../upstream/regional-kmip/kind.ts';

export interface UpstreamKindParts {
  readonly config: Pick<Config, 'upstream'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Told of each call. */
  readonly meter: Parameters<typeof metered>[1];
}

/** The kinds, and what speaks to Key Protect outside of them. */
export const upstreamKinds = ({
  config: { upstream },
  clock,
  log,
  meter,
}: UpstreamKindParts): { readonly upstreams: readonly UpstreamKind[]; readonly keyProtect: KeyProtectKindOptions } => {
  const { attemptTimeout, totalTimeout } = upstream;
  const keyProtect = {
    clock,
    log,
    timings: { attemptMs: attemptTimeout, totalMs: totalTimeout },
    proxy: proxyOf(upstream.proxy, upstream.noProxy),
  };
  const timings = { connectMs: attemptTimeout, requestMs: attemptTimeout, totalMs: totalTimeout };
  const kinds = [localRootKind, regionalKmipKind({ clock, log, timings }), keyProtectKind(keyProtect)];
  return { upstreams: kinds.map((kind) => metered(kind, meter)), keyProtect };
};
