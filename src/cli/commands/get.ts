// `kmip-edge get` and `kmip-edge create`: a small KMIP client, to see that it works. Key bytes are shown on request only.

import { hash } from 'node:crypto';
import type { Command } from 'commander';
import { EdgeError } from '../../errors.ts';
import { attribute, attributeValue } from '../../kmip/attributes.ts';
import { CryptographicAlgorithm, NameType, ObjectType, State } from '../../kmip/enums.ts';
import { CryptographicUsageMask } from '../../kmip/masks.ts';
import { enumName } from '../../kmip/since.ts';
import type { Context } from '../command.ts';
import type { KmipClient } from '../kmip-client.ts';
import { asKmipClient, type KmipOptions, withKmipOptions } from '../kmip-connection.ts';
import { list, printJson } from '../output.ts';

interface GetOptions extends KmipOptions {
  readonly uid: string;
  readonly reveal?: boolean;
}

interface CreateOptions extends KmipOptions {
  readonly name?: string;
}

type Facts = Readonly<Record<string, string | number>>;

/** Adds the commands to `program`. */
export const addKmipCommands = (program: Command, context: Context): void => {
  withKmipOptions(program.command('create'))
    .description('create an AES-256 key over KMIP, for trying it out')
    .option('--name <name>', 'name of the key')
    .action(async (options: CreateOptions) =>
      print(context, options, await asKmipClient(context, options, (client) => createKey(client, options.name))),
    );

  withKmipOptions(program.command('get'))
    .description('get a key over KMIP, as vCenter and vSAN hosts do')
    .requiredOption('--uid <uid>', 'unique identifier of the key')
    .option('--reveal', 'print the key bytes too, in hexadecimal')
    .action(async ({ uid, reveal = false, ...options }: GetOptions) =>
      print(context, options, await asKmipClient(context, options, (client) => getKey(client, uid, reveal))),
    );
};

const print = ({ terminal }: Context, { json = false }: KmipOptions, facts: Facts): void => {
  if (json) printJson(terminal, facts);
  else terminal.out(list(Object.entries(facts).map(([name, value]) => [name, String(value)])));
};

const createKey = async (client: KmipClient, name: string | undefined): Promise<Facts> => {
  const mask = CryptographicUsageMask.Encrypt | CryptographicUsageMask.Decrypt;
  const named = { NameValue: name ?? '', NameType: NameType.UninterpretedTextString };
  const { UniqueIdentifier: uid } = await client.request('Create', {
    ObjectType: ObjectType.SymmetricKey,
    TemplateAttribute: {
      Name: [],
      Attribute: [
        attribute('Cryptographic Algorithm', CryptographicAlgorithm.AES),
        attribute('Cryptographic Length', 256),
        attribute('Cryptographic Usage Mask', mask),
        ...(name === undefined ? [] : [attribute('Name', named)]),
      ],
    },
  });
  return { uid };
};

const getKey = async (client: KmipClient, uid: string, reveal: boolean): Promise<Facts> => {
  const { SymmetricKey: key } = await client.request('Get', { UniqueIdentifier: uid });
  const { Attribute: states } = await client.request('GetAttributes', {
    UniqueIdentifier: uid,
    AttributeName: ['State'],
  });
  const block = key?.KeyBlock;
  const value = block?.KeyValue;
  const material = value && !Buffer.isBuffer(value) ? value.KeyMaterial : undefined;
  if (!block || !Buffer.isBuffer(material)) {
    throw new EdgeError('upstream-refused', `'${uid}' is not a plain symmetric key`);
  }
  return {
    uid,
    state: states[0] ? enumName(State, attributeValue('State', states[0].AttributeValue)) : 'unknown',
    algorithm: enumName(CryptographicAlgorithm, block.CryptographicAlgorithm ?? 0),
    length: block.CryptographicLength ?? material.length * 8,
    digest: `sha256:${hash('sha256', material, 'hex')}`,
    ...(reveal ? { material: material.toString('hex') } : {}),
  };
};
