// `kmip-edge get`: fetches a key as a KMIP client does, to see that it works. Key bytes are shown only on request.

import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { Command } from 'commander';
import { EdgeError } from '../../errors.ts';
import { attributeValue } from '../../kmip/attributes.ts';
import { CryptographicAlgorithm, State } from '../../kmip/enums.ts';
import { enumName } from '../../kmip/since.ts';
import { call } from '../api-client.ts';
import { type CommonOptions, type Context, dataDirectoryOf, readInput, withCommonOptions } from '../command.ts';
import { connectKmip, type KmipClient } from '../kmip-client.ts';
import { list, printJson } from '../output.ts';

interface GetOptions extends CommonOptions {
  readonly uid: string;
  readonly address?: string;
  readonly client?: string;
  readonly reveal?: boolean;
}

/** Adds the command to `program`. */
export const addGetCommand = (program: Command, context: Context): void => {
  withCommonOptions(program.command('get'))
    .description('get a key over KMIP, as vCenter and vSAN hosts do')
    .requiredOption('--uid <uid>', 'unique identifier of the key')
    .option(
      '--client <dir>',
      'directory with client.key, client.pem and ca.pem (default: clients/default in the data directory)',
    )
    .option('--address <host:port>', 'KMIP address (default: that of the running server)')
    .option('--reveal', 'print the key bytes too, in hexadecimal')
    .action((options: GetOptions) => get(context, options));
};

const get = async (context: Context, options: GetOptions): Promise<void> => {
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
    const key = await fetchKey(client, options.uid, options.reveal ?? false);
    if (options.json) printJson(context.terminal, key);
    else context.terminal.out(list(Object.entries(key).map(([name, value]) => [name, String(value)])));
  } finally {
    client.close();
  }
};

const fetchKey = async (client: KmipClient, uid: string, reveal: boolean): Promise<Record<string, string | number>> => {
  const { SymmetricKey: key } = await client.request('Get', { UniqueIdentifier: uid });
  const {
    Attribute: [state],
  } = await client.request('GetAttributes', { UniqueIdentifier: uid, AttributeName: ['State'] });
  const block = key?.KeyBlock;
  const value = block?.KeyValue;
  const material = value && !Buffer.isBuffer(value) ? value.KeyMaterial : undefined;
  if (!block || !Buffer.isBuffer(material))
    throw new EdgeError('upstream-refused', `'${uid}' is not a plain symmetric key`);
  return {
    uid,
    state: state ? enumName(State, attributeValue('State', state.AttributeValue)) : 'unknown',
    algorithm: enumName(CryptographicAlgorithm, block.CryptographicAlgorithm ?? 0),
    length: block.CryptographicLength ?? material.length * 8,
    digest: `sha256:${hash('sha256', material, 'hex')}`,
    ...(reveal ? { material: material.toString('hex') } : {}),
  };
};

/** A server that listens everywhere is reached on the loopback address. */
const runningServer = async (data: string): Promise<{ readonly host: string; readonly port: number }> => {
  const { kmip } = await call(data, 'status', {});
  const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  return { host: everywhere[kmip.host] ?? kmip.host, port: kmip.port };
};

const parseAddress = (text: string): { readonly host: string; readonly port: number } => {
  const [, bracketed, bare, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? bare;
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new EdgeError('invalid-field', `'${text}' is not HOST:PORT`);
};
