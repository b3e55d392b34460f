// GRUB's environment block: one file of 1024 bytes that is read before any system starts. It is always overwritten in place
// and never made longer, so that the file system has nothing to change but the block's own bytes; and because what is said
// fits the first half, a power cut leaves one 512-byte sector, old or new, and never a mixture.

import { EdgeError } from '../errors.ts';

/** What {@link renderEnvironment} makes. */
export const environmentBytes = 1024;
const sector = 512;
const signature = '# GRUB Environment Block\n';

export type GrubEnvironment = Readonly<Record<string, string>>;

/** The variables of a block. Throws `data-damaged` for what is none. */
export const parseEnvironment = (block: Buffer): GrubEnvironment => {
  const text = block.toString('latin1');
  if (block.length !== environmentBytes || !text.startsWith(signature)) {
    throw new EdgeError('data-damaged', "the boot loader's environment block cannot be read", {
      hint: 'nothing was changed; a new appliance that takes over the data disk has a sound one',
    });
  }
  const lines = text.slice(signature.length).split('\n');
  const variables = lines.flatMap((line) => {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(variables);
};

/** The block that holds `variables`; their values are words of ours. Throws `internal` where they need a second sector. */
export const renderEnvironment = (variables: GrubEnvironment): Buffer => {
  const text = `${signature}${Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')}`;
  if (text.length > sector) throw new EdgeError('internal', `${text.length} bytes of boot variables are too many`);
  const block = Buffer.alloc(environmentBytes, '#');
  block.write(text, 'latin1');
  return block;
};
