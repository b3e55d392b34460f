// Where regional KMIP endpoints of IBM Cloud are or were, as data, and what a user may type for one: the name of a
// row, or HOST:PORT[,HOST:PORT]. Sources: the documentation of VMware Solutions (2018 to 2026) and of Key Protect.

import { isIP } from 'node:net';
import { EdgeError } from '../../errors.ts';

export const kmipPort = 5696;

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `2018`: KMIP for VMware, multi-tenant. `vmware`: KMIP for VMware of 2019. `key-protect`: a KMIP adapter. */
export type EndpointKind = '2018' | 'vmware' | 'key-protect';

export interface EndpointRow {
  readonly kind: EndpointKind;
  /** The city or country, for people. */
  readonly place: string;
  /** Several are one service: any of them may be asked. */
  readonly addresses: readonly Address[];
  /** The first moment at which it no longer runs, in milliseconds since 1970; absent: no end is announced. */
  readonly ends?: number;
  /** SHA-1 fingerprint of its self-signed certificate, where one was published. */
  readonly sha1?: string;
}

const ended2018 = Date.UTC(2018, 11, 14);
const endOfVmware = Date.UTC(2027, 0, 1);
const sha1Of2018 = 'a9d0ff15df85106b6188fe2e8bd31aaf48c8a07a';

const hosts2018 = {
  sydney: ['Sydney', '130.198.73.134'],
  'united-kingdom': ['United Kingdom', '158.175.93.122'],
  'us-south': ['US South', '169.60.185.42'],
  germany: ['Germany', '161.156.68.107'],
} as const;

const vmwareLocations = {
  'us-south': 'Dallas',
  'us-east': 'Washington DC',
  'eu-central': 'Frankfurt',
  'uk-south': 'London',
  'eu-es': 'Madrid',
  'ap-north': 'Tokyo',
  'ap-south': 'Sydney',
  'jp-osa': 'Osaka',
  'ca-tor': 'Toronto',
  'br-sao': 'Sao Paulo',
} as const;

const keyProtectRegions = {
  'us-south': 'Dallas',
  'us-east': 'Washington DC',
  'ca-tor': 'Toronto',
  'ca-mon': 'Montreal',
  'br-sao': 'Sao Paulo',
  'eu-gb': 'London',
  'eu-de': 'Frankfurt',
  'eu-es': 'Madrid',
  'au-syd': 'Sydney',
  'jp-tok': 'Tokyo',
  'jp-osa': 'Osaka',
  'in-mum': 'Mumbai',
  'in-che': 'Chennai',
} as const;

const at = (host: string): Address => ({ host, port: kmipPort });

const rows2018 = Object.entries(hosts2018).map(([name, [place, host]]): [string, EndpointRow] => [
  `2018.${name}`,
  { kind: '2018', place, addresses: [at(host)], ends: ended2018, sha1: sha1Of2018 },
]);

const vmwareRows = Object.entries(vmwareLocations).map(([name, place]): [string, EndpointRow] => {
  const addresses = [1, 2].map((number) => at(`kmip-${number}.private.${name}.vmware-solutions.cloud.ibm.com`));
  return [`vmware.${name}`, { kind: 'vmware', place, addresses, ends: endOfVmware }];
});

const keyProtectRows = Object.entries(keyProtectRegions).flatMap(([name, place]) =>
  ['', 'private.'].map((network): [string, EndpointRow] => [
    `${network}${name}`,
    { kind: 'key-protect', place, addresses: [at(`${network}${name}.kms.cloud.ibm.com`)] },
  ]),
);

/** Every endpoint that we know, by the name that a user may type. */
export const endpoints: ReadonlyMap<string, EndpointRow> = new Map([...keyProtectRows, ...vmwareRows, ...rows2018]);

export type Running = 'runs' | 'will-end' | 'ended';

/** Whether an endpoint still runs at `now` (milliseconds since 1970). */
export const runningAt = ({ ends }: EndpointRow, now: number): Running => {
  if (ends === undefined) return 'runs';
  return now < ends ? 'will-end' : 'ended';
};

export interface EndpointChoice {
  /** What a person calls it. */
  readonly name: string;
  readonly addresses: readonly Address[];
  /** The row of the table, also where its addresses were typed. */
  readonly row?: EndpointRow;
}

/** `HOST:PORT`, with an IPv6 address in brackets. */
export const addressText = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

const refused = (problem: string, hint: string): EdgeError => new EdgeError('invalid-field', problem, { hint });

const hostName = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

const isHost = (host: string, bracketed: boolean): boolean =>
  bracketed ? isIP(host) === 6 : isIP(host) === 4 || (hostName.test(host) && !/^[\d.]+$/.test(host));

/** One HOST[:PORT]; the port is KMIP's own where it is left out. */
const addressOf = (typed: string): Address => {
  const [, bracketed, bare, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(typed) ?? [];
  const host = (bracketed ?? bare ?? '').toLowerCase();
  const number = port === undefined ? kmipPort : Number(port);
  if (isHost(host, bracketed !== undefined) && number > 0 && number <= 65_535) return { host, port: number };
  throw refused(`"${typed.slice(0, 200)}" is not HOST:PORT`, 'give a host name or an IP address, and a port');
};

const maximumAddresses = 8;

const addressesOf = (typed: string): readonly Address[] => {
  const addresses = typed.split(',').map((part) => addressOf(part.trim()));
  const texts = new Set(addresses.map(addressText));
  if (texts.size < addresses.length) throw refused('an address is given twice', 'give each address once');
  if (addresses.length <= maximumAddresses) return addresses;
  throw refused(`${addresses.length} addresses are too many`, `give ${maximumAddresses} at most`);
};

const rowWith = (addresses: readonly Address[]): EndpointRow | undefined => {
  const wanted = new Set(addresses.map(addressText));
  return [...endpoints.values()].find((row) => row.addresses.some((address) => wanted.has(addressText(address))));
};

/** A bare location is Key Protect's where it has one, else that of KMIP for VMware, else that of 2018. */
const namedRow = (name: string): [string, EndpointRow] | undefined => {
  for (const full of [name, `vmware.${name}`, `2018.${name}`]) {
    const row = endpoints.get(full);
    if (row !== undefined) return [full, row];
  }
  return undefined;
};

/** The endpoint that a user typed: the name of a row, or HOST:PORT[,HOST:PORT]. Errors: `invalid-field`. */
export const endpointOf = (typed: string): EndpointChoice => {
  const text = typed.trim();
  const [name, row] = namedRow(text.toLowerCase()) ?? [];
  if (name !== undefined && row !== undefined) return { name, addresses: row.addresses, row };
  if (!/[.:,]/.test(text) && text !== 'localhost') {
    const names = Object.keys(keyProtectRegions).join(', ');
    const hint = `regions: ${names}, each also as private.REGION; vmware.LOCATION for KMIP for VMware; or HOST:PORT`;
    throw refused(`the region "${text.slice(0, 200)}" is not known`, hint);
  }
  const addresses = addressesOf(text);
  const known = rowWith(addresses);
  const shown = addresses.map(addressText).join(', ');
  return known === undefined ? { name: shown, addresses } : { name: shown, addresses, row: known };
};
