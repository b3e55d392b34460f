// The appliance as ova.json describes it, read once and checked: the OVF descriptor and the build take their facts here.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import type { FromSchema } from 'json-schema-to-ts';

const text = { type: 'string', minLength: 1 } as const;
const number = { type: 'integer', minimum: 1 } as const;

const schema = {
  type: 'object',
  properties: {
    product: {
      type: 'object',
      properties: {
        name: { type: 'string', pattern: '^[a-z][a-z0-9-]*$' },
        title: text,
        vendor: text,
        description: text,
      },
      required: ['name', 'title', 'vendor', 'description'],
      additionalProperties: false,
    },
    hardware: {
      type: 'object',
      properties: {
        /** Virtual hardware; vmx-14 runs on ESXi 6.7 and newer. */
        version: { type: 'string', pattern: '^vmx-[0-9]+$' },
        guest: text,
        /** CIM operating system type. */
        osId: number,
        cpus: number,
        memoryMiB: number,
        network: text,
        dataDiskGiB: number,
      },
      required: ['version', 'guest', 'osId', 'cpus', 'memoryMiB', 'network', 'dataDiskGiB'],
      additionalProperties: false,
    },
    system: {
      type: 'object',
      properties: {
        debian: text,
        espMiB: number,
        slotMiB: number,
        packages: { type: 'array', items: text },
        leaveOut: { type: 'array', items: text },
        /** Modules of the kernel, by path: devices, file systems and protocols that a key server never meets. */
        leaveOutModules: { type: 'array', items: text },
        /** What finds the system disk at the start: the disk controllers of VMware, and of QEMU, which builds and tests. */
        startModules: { type: 'array', items: text },
      },
      required: ['debian', 'espMiB', 'slotMiB', 'packages', 'leaveOut', 'leaveOutModules', 'startModules'],
      additionalProperties: false,
    },
    /** What may be typed when it is deployed; the first start reads the same list. */
    properties: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          key: { type: 'string', pattern: '^[a-z][a-z0-9-]*$' },
          category: text,
          label: text,
          help: text,
          kind: text,
          secret: { type: 'boolean' },
        },
        required: ['key', 'category', 'label', 'help', 'kind'],
        additionalProperties: false,
      },
    },
  },
  required: ['product', 'hardware', 'system', 'properties'],
  additionalProperties: false,
} as const;

type Description = FromSchema<typeof schema>;
export interface Appliance extends Description {
  readonly name: string;
  readonly version: string;
}

/** Reads ova.json and package.json of the checkout at `root`. Throws for a file that is not as it should be. */
export const readAppliance = (root: string): Appliance => {
  const parse = (file: string): unknown => JSON.parse(readFileSync(join(root, file), 'utf8'));
  const description = parse('ova.json');
  const validate = new Ajv().compile<Description>(schema);
  if (!validate(description)) {
    const [problem] = validate.errors ?? [];
    throw new Error(`ova.json${problem?.instancePath ?? ''} ${problem?.message ?? 'is not as it should be'}`);
  }
  const { version } = parse('package.json') as { readonly version: string };
  return { ...description, name: description.product.name, version };
};

/** Bytes of the system disk: the boot partition, two slots and the partition table. */
export const systemDiskBytes = ({ system: { espMiB, slotMiB } }: Appliance): number =>
  (espMiB + 2 * slotMiB + 2) * 1024 * 1024;

/** Bytes of the data disk. */
export const dataDiskBytes = ({ hardware: { dataDiskGiB } }: Appliance): number => dataDiskGiB * 1024 ** 3;
