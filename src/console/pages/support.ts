// Hands the support bundle on: onto a further disk, or to an address. Where the server does not answer, the report of the
// machine goes there instead.

import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { EdgeError, isKind } from '../../errors.ts';
import { machineReport } from '../../system/journal.ts';
import type { Machine } from '../../system/machine.ts';
import { lookByTls } from '../../system/reach.ts';
import { type SupportFile, writeToMedium } from '../../system/support-file.ts';
import { endOf, shownAddress, upload, uploadAddress } from '../../system/upload.ts';
import { listMedia, type Medium } from '../../update/media.ts';
import type { PageContext } from '../page.ts';
import { recordIfAnswered } from '../record.ts';

const title = 'Support bundle';
/** Bytes; it is in memory while it is handed on. */
const largest = 64 * 1024 * 1024;

/** Gives the bundle of the server as it is made. */
export type OpenBundle = () => Promise<AsyncIterable<Buffer>>;

/** Asks where to, and hands it on. */
export const sendSupportFile = async (machine: Machine, context: PageContext, open: OpenBundle): Promise<void> => {
  const { ui, hostFacts } = context;
  const to = await ui.menu({
    title,
    text: [
      'It names hosts, service instances and clients, and holds no key, password or token. The web page offers it too: Appliance, Download.',
    ],
    choices: [
      { label: 'To a disk', help: 'A further disk of this virtual machine with FAT or ext4.', value: toMedium },
      {
        label: 'To an address',
        help: 'By HTTPS PUT, such as to an address that a supporter gave you.',
        value: toAddress,
      },
    ],
  });
  if (!to) return;
  const make = async (): Promise<SupportFile> => {
    const now = new Date().toISOString().slice(0, 19).replaceAll(/[:-]/g, '');
    const { ending, bytes } = await bundleOr(machine, open);
    return { name: `kmip-edge-support-${hostFacts().name}-${now}${ending}`, bytes };
  };
  await to(machine, context, make);
};

type Hand = (machine: Machine, context: PageContext, make: () => Promise<SupportFile>) => Promise<void>;

const bundleOr = async (machine: Machine, open: OpenBundle) => {
  try {
    return { ending: '.tar.gz', bytes: await bounded(await open()) };
  } catch (error) {
    if (!isKind(error, 'server-not-running', 'not-ready', 'storage-locked')) throw error;
    const report = await machineReport(machine);
    return { ending: '-machine.txt.gz', bytes: await promisify(gzip)(report) };
  }
};

const bounded = (content: AsyncIterable<Buffer>): Promise<Buffer> => {
  async function* counted(): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of content) {
      bytes += chunk.length;
      if (bytes > largest) throw new EdgeError('response-too-large', `the bundle has more than ${largest} bytes`);
      yield chunk;
    }
  }
  return buffer(counted());
};

const toMedium: Hand = async (machine, context, make) => {
  const { ui, call } = context;
  const run = (program: string, args: readonly string[], timeout: number) => machine.run(program, args, { timeout });
  const media = await ui.progress('Looking at what is attached', () => listMedia(run));
  const writable = media.filter(({ fileSystem }) => fileSystem !== 'iso9660');
  if (writable.length === 0) {
    return ui.message({
      title,
      text: [
        'There is no further disk with FAT or ext4. Add one to the virtual machine, or fetch the bundle from the web page.',
      ],
    });
  }
  const medium = await ui.menu({
    title,
    text: ['Nothing on it is changed but for the one file that is added.'],
    choices: writable.map((one) => ({ label: mediumLabel(one), value: one })),
  });
  if (!medium) return;
  await recordIfAnswered(call, 'support-bundle', medium.device);
  const name = await ui.progress('Making it', async ({ report }) => {
    const file = await make();
    report(`writing ${file.bytes.length} bytes`);
    await writeToMedium(machine, medium, file);
    return file.name;
  });
  await ui.message({ title, text: [`${name} is on ${medium.device}, which may be taken off.`], tone: 'good' });
};

const mediumLabel = ({ device, fileSystem, label }: Medium): string => `${device} ${fileSystem} ${label}`.trimEnd();

const toAddress: Hand = async (_, context, make) => {
  const { ui, call } = context;
  const given = await ui.submit(
    {
      title,
      fields: [
        {
          name: 'address',
          label: 'Address',
          help: 'https://… It must take a PUT; one that ends in a slash gets the name of the file.',
        },
      ],
    },
    'Looking who is there',
    async ({ address }) => {
      const target = uploadAddress(address.trim());
      const { host, port } = endOf(target);
      return { target, found: await lookByTls(host, port) };
    },
  );
  if (!given) return;
  const { target, found } = given;
  const [{ sha256, subject } = { sha256: '', subject: '' }] = found.certificates;
  if (found.doubt !== undefined) {
    const isKnown = await ui.confirm({
      title: `Is that ${target.host}?`,
      text: [
        `No well-known authority vouches for its certificate: ${found.doubt}.`,
        `Subject ${subject}`,
        `SHA-256 ${sha256}`,
        'Compare the fingerprint. If it is the right one, type its last digits.',
      ],
      word: sha256.slice(-5),
    });
    if (!isKnown) return;
  }
  await recordIfAnswered(call, 'support-bundle', shownAddress(target).slice(0, 256));
  await ui.progress('Making it', async ({ report }) => {
    const file = await make();
    report(`sending ${file.bytes.length} bytes to ${target.host}`);
    await upload(target, file, { fingerprint: found.doubt === undefined ? undefined : sha256 });
  });
  await ui.message({ title, text: [`It is at ${target.host}.`], tone: 'good' });
};
