// First contact: what the addresses of an endpoint present, for a person to compare, and what our table knows of it.
// Looking trusts nothing.

import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import {
  addressText,
  type EndpointKind,
  type EndpointRow,
  endpointOf,
  endpoints,
  type Running,
  runningAt,
} from './endpoints.ts';
import { fetchCertificate } from './first-contact.ts';
import type { PresentedCertificate } from './presented.ts';

/** What is known of an endpoint without asking it. */
export interface EndpointFacts {
  readonly name: string;
  readonly kind?: EndpointKind;
  readonly place?: string;
  readonly addresses: readonly string[];
  readonly running?: Running;
  /** The first moment at which it no longer runs, in milliseconds since 1970. */
  readonly ends?: number;
  /** The SHA-1 fingerprint that was published for it. */
  readonly sha1?: string;
}

export interface SeenAddress {
  readonly address: string;
  readonly certificate?: Omit<PresentedCertificate, 'pem'>;
  /** True where its SHA-1 fingerprint is the published one. */
  readonly published?: boolean;
  readonly problem?: string;
}

export interface SeenEndpoint extends EndpointFacts {
  readonly seen: readonly SeenAddress[];
}

const factsOf = (
  name: string,
  addresses: readonly string[],
  row: EndpointRow | undefined,
  now: number,
): EndpointFacts => ({
  name,
  addresses,
  ...(row && { kind: row.kind, place: row.place, running: runningAt(row, now) }),
  ...(row?.ends === undefined ? {} : { ends: row.ends }),
  ...(row?.sha1 === undefined ? {} : { sha1: row.sha1 }),
});

/** The table of regions. */
export const listEndpoints = (clock: Clock): readonly EndpointFacts[] =>
  [...endpoints].map(([name, row]) => factsOf(name, row.addresses.map(addressText), row, clock.now()));

/** Asks every address of what a user typed for its certificate. Throws `invalid-field` for what is no endpoint. */
export const lookAtEndpoint = async (typed: string, clock: Clock): Promise<SeenEndpoint> => {
  const { name, addresses, row } = endpointOf(typed);
  const seen = await Promise.all(
    addresses.map(async (address): Promise<SeenAddress> => {
      try {
        const { pem: _, ...certificate } = await fetchCertificate(address, { clock });
        const published = row?.sha1 === undefined ? {} : { published: row.sha1 === certificate.sha1 };
        return { address: addressText(address), certificate, ...published };
      } catch (error) {
        return { address: addressText(address), problem: messageOf(error) };
      }
    }),
  );
  return { ...factsOf(name, addresses.map(addressText), row, clock.now()), seen };
};
