// How the commands that act as a KMIP client find the server and who they are: by default the client that the first start
// makes, and the address of the running server.

import { join } from 'node:path';
import type { Command } from 'commander';
import { call } from '../admin/api/client.ts';
import { EdgeError } from '../errors.ts';
import { type CommonOptions, type Context, dataDirectoryOf, readInput, withCommonOptions } from './command.ts';
import { connectKmip, type KmipClient } from './kmip-client.ts';

export interface KmipOptions extends CommonOptions {
  readonly address?: string;
  readonly client?: string;
}

/** Adds --client and --address to the common options. */
export const withKmipOptions = (command: Command): Command =>
  withCommonOptions(command)
    .option(
      '--client <dir>',
      'directory with client.key, client.pem and ca.pem (default: clients/default in the data directory)',
    )
    .option('--address <host:port>', 'KMIP address (default: that of the running server)');

/** Connects, lets `act` ask, and closes. */
export const asKmipClient = async <T>(
  context: Context,
  options: KmipOptions,
  act: (client: KmipClient) => Promise<T>,
): Promise<T> => {
  const data = dataDirectoryOf(options, context);
  const directory = options.client ?? join(data, 'clients', 'default');
  const file = (what: string, name: string): string => readInput(what, join(directory, name));
  const client = await connectKmip({
    ...(options.address === undefined ? await runningServer(data) : parseAddress(options.address)),
    certificate: file('client certificate', 'client.pem'),
    privateKey: file('private key', 'client.key'),
    authority: file('CA certificate', 'ca.pem'),
  });
  try {
    return await act(client);
  } finally {
    client.close();
  }
};

interface Address {
  readonly host: string;
  readonly port: number;
}

/** A server that listens everywhere is reached on the loopback address. */
const runningServer = async (data: string): Promise<Address> => {
  const { kmip } = await call(data, 'status', {});
  const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '127.0.0.1' };
  return { host: everywhere[kmip.host] ?? kmip.host, port: kmip.port };
};

const parseAddress = (text: string): Address => {
  const [, bracketed, bare, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? bare;
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new EdgeError('invalid-field', `'${text}' is not HOST:PORT`);
};
