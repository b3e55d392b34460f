// Where a server listens, as 'host:port': an address, or a name that resolves to an address of this machine.

import { isIPv4, isIPv6 } from 'node:net';
import { EdgeError } from '../errors.ts';

export interface Endpoint {
  /** IPv4 or IPv6 address, without brackets, or a host name. */
  readonly host: string;
  /** 0: the system chooses a free port. */
  readonly port: number;
}

const hostName = /^(?!.*[-.]{2})[a-z]([a-z0-9.-]{0,251}[a-z0-9])?$/i;
const shape = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/;

/**
 * The address and the port in `text`.
 * @throws EdgeError `invalid-field`
 */
export const parseEndpoint = (text: string): Endpoint => {
  const [, bracketed, bare, digits] = shape.exec(text.trim()) ?? [];
  const port = Number(digits);
  if (port <= 65_535) {
    if (bracketed !== undefined && isIPv6(bracketed)) return { host: bracketed, port };
    if (bare !== undefined && (isIPv4(bare) || hostName.test(bare))) return { host: bare, port };
  }
  throw new EdgeError('invalid-field', `${JSON.stringify(text)} is not an address and a port`, {
    hint: "write it such as '0.0.0.0:5696' or '[::]:5696'; port 0 lets the system choose",
  });
};

/** The same as text, with the brackets that IPv6 needs. */
export const formatEndpoint = ({ host, port }: Endpoint): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;
