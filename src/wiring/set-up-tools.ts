// What setting up an upstream needs before there is one: looking at regions and endpoints, and asking Key Protect with an API
// key that is not kept.

import type { AdapterTools } from '../admin/renewal-handlers.ts';
import type { UpstreamTools } from '../admin/upstream-handlers.ts';
import type { Clock } from '../clock.ts';
import { Secret } from '../secret.ts';
import { makeAdapter } from '../upstream/key-protect/adapter.ts';
import { addBeside, takeOff } from '../upstream/key-protect/adapter-certificate.ts';
import type { KeyProtectKindOptions } from '../upstream/key-protect/kind.ts';
import { listRootKeys } from '../upstream/key-protect/root-keys.ts';
import { listEndpoints, lookAtEndpoint } from '../upstream/regional-kmip/look.ts';

/** An API key becomes a secret here, as soon as it has come. */
const hidden = <T extends { readonly apiKey: string }>({ apiKey, ...wanted }: T) => ({
  ...wanted,
  apiKey: new Secret(apiKey),
});

export const setUpTools = (clock: Clock, keyProtect: KeyProtectKindOptions): UpstreamTools & AdapterTools => ({
  listEndpoints: () => listEndpoints(clock),
  lookAtEndpoint: (typed) => lookAtEndpoint(typed, clock),
  listRootKeys: (wanted) => listRootKeys({ ...hidden(wanted), ...keyProtect }),
  makeAdapter: (wanted) => makeAdapter(hidden(wanted), keyProtect),
  addBeside: (wanted) => addBeside(hidden(wanted), keyProtect),
  takeOff: (wanted) => takeOff(hidden(wanted), keyProtect),
});
