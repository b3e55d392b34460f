// A new key as an endpoint is asked for it: what our template settled, as attributes again.

import { attribute } from '../kmip/attributes.ts';
import { keptAsAttribute } from './attributes.ts';
import type { NewKey } from './service.ts';
import { settableDates } from './template.ts';
import type { EndpointKey } from './upstream-ports.ts';

/** The request for `key`. */
export const endpointKey = ({ dates, attributes, ...key }: NewKey): EndpointKey => ({
  cryptographicAlgorithm: key.cryptographicAlgorithm,
  cryptographicLength: key.cryptographicLength,
  cryptographicUsageMask: key.cryptographicUsageMask,
  attributes: [
    ...(Object.keys(settableDates) as (keyof typeof settableDates)[]).flatMap((name) => {
      const date = dates[settableDates[name]];
      return date === undefined ? [] : [attribute(name, date)];
    }),
    ...attributes.map(keptAsAttribute),
  ],
});
