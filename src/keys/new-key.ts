// A new key: what a template settles, and how an endpoint is asked for it, as attributes again.

import { attribute } from '../kmip/attributes.ts';
import { keptAsAttribute } from './attributes.ts';
import type { KeptAttribute, ObjectDates } from './object.ts';
import { settableDates } from './template.ts';
import type { EndpointKey } from './upstream-ports.ts';

/** An object to be: what a template settles. */
export interface NewKey {
  readonly objectType: number;
  /** 0 where it has none. */
  readonly cryptographicAlgorithm: number;
  /** In bits; 0 where it has none. */
  readonly cryptographicLength: number;
  readonly cryptographicUsageMask: number;
  readonly dates: Partial<Omit<ObjectDates, 'initialDate' | 'lastChangeDate'>>;
  readonly attributes: readonly KeptAttribute[];
  /** True where its material was made here and not brought by the client. */
  readonly generated?: boolean;
  /** False where the client says that it was given out before (KMIP 1.4 section 3.34). */
  readonly fresh?: boolean;
  /** The object whose names it takes over. */
  readonly replaces?: string;
}

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
