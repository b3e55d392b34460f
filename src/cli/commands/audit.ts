// `kmip-edge audit`: what happened, whether the record of it is whole, and taking it elsewhere.

import { writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { call } from '../../admin/api/client.ts';
import { parseDuration } from '../../config/duration.ts';
import { EdgeError } from '../../errors.ts';
import { exportAudit } from '../audit/export.ts';
import { type ListOptions, showRecords } from '../audit/list.ts';
import { verifyHere, verifyThere } from '../audit/verify.ts';
import {
  askServer,
  type CommonOptions,
  type Context,
  dataDirectoryOf,
  wholeNumber,
  withCommonOptions,
} from '../command.ts';
import { list } from '../output.ts';

interface VerifyOptions extends CommonOptions {
  readonly file?: string;
  readonly publicKey?: string;
  readonly checkpoint?: string;
}

interface OutOptions extends CommonOptions {
  readonly out?: string;
}

interface ExportOptions extends CommonOptions {
  readonly out: string;
  readonly since?: string;
  readonly until?: string;
}

const verifyHelp = `
Every record is bound to the ones before it, and signed checkpoints cover them: what was removed, changed, put elsewhere or
added is found and said. A checkpoint that was kept elsewhere proves that nothing before it was touched, even by somebody who
had the whole machine:

  kmip-edge audit checkpoint --out checkpoint.json        (keep it somewhere else)
  kmip-edge audit verify --checkpoint checkpoint.json
  kmip-edge audit export --out audit.jsonl
  kmip-edge audit verify --file audit.jsonl --public-key audit.pem     (needs no server)`;

/** Adds the group `audit`. */
export const addAuditCommands = (program: Command, context: Context): void => {
  const group = program.command('audit').description('the audit trail: who did what with which key');
  addList(group, context);
  withCommonOptions(group.command('status'))
    .description('how far the trail goes, and what its checkpoints are signed with')
    .action((options: CommonOptions) => showStatus(context, options));
  withCommonOptions(group.command('verify'))
    .description('find every record that was removed, changed or put elsewhere')
    .option('--checkpoint <file>', 'a checkpoint that was kept elsewhere: the trail must have gone through it')
    .option('--file <file>', 'verify an export instead of the running server; needs no server')
    .option('--public-key <file>', "with --file: the server's public key, from 'kmip-edge audit key'")
    .addHelpText('after', verifyHelp)
    .action((options: VerifyOptions) => verify(context, options));
  withCommonOptions(group.command('checkpoint'))
    .description('sign how far the trail goes now, to be kept elsewhere')
    .option('--out <file>', 'write it to a file instead of printing it')
    .action((options: OutOptions) => makeCheckpoint(context, options));
  withCommonOptions(group.command('key'))
    .description('the public key that checkpoints are verified with')
    .option('--out <file>', 'write it to a file instead of printing it')
    .action((options: OutOptions) => showKey(context, options));
  withCommonOptions(group.command('export'))
    .description('write the trail to a file of JSON lines that verifies by itself')
    .requiredOption('--out <file>', 'where it is written; a file that is there already is kept')
    .option(
      '--since <time>',
      "from the checkpoint before that time on: '2026-11-25T14:00:00Z', or '7 d' ago",
      timeArgument,
    )
    .option('--until <time>', 'to the checkpoint after that time', timeArgument)
    .action(({ out, since, until, ...options }: ExportOptions) => exportAudit(context, options, out, { since, until }));
};

const addList = (group: Command, context: Context): void => {
  withCommonOptions(group.command('list'))
    .description('records, the newest last')
    .option('--since <time>', "from then on: '2026-11-25T14:00:00Z', or '2 h' ago", timeArgument)
    .option('--until <time>', 'until then', timeArgument)
    .option('--client <name>', 'of whoever has this name, or this certificate fingerprint')
    .option('--instance <name>', 'about this service instance, by name or identifier')
    .option('--key <uid>', 'about this key')
    .option('--event <name>', 'of this event or operation, such as Get or kmip-edge.instance.create')
    .addOption(new Option('--outcome <outcome>', 'that ended like this').choices(['success', 'refused', 'failed']))
    .option('--limit <number>', 'the newest so many', wholeNumber(1, 1_000_000), 50)
    .option('-f, --follow', 'go on with what happens from now on, one line each')
    .action((options: ListOptions) => showRecords(context, options));
};

/** A moment as it is, or a duration before now. */
const timeArgument = (text: string): string => {
  const moment = Date.parse(text);
  if (/^\d{4}-/.test(text) && !Number.isNaN(moment)) return new Date(moment).toISOString();
  try {
    return new Date(Date.now() - parseDuration(text)).toISOString();
  } catch {
    throw new InvalidArgumentError(
      "A time is '2026-11-25T14:00:00Z', or a duration before now, such as '2 h' or '7 d'.",
    );
  }
};

const showStatus = (context: Context, options: CommonOptions): Promise<void> =>
  askServer(context, options, 'audit.status', {}, ({ first, last, size, fingerprint, checkpoint }) =>
    list([
      ['records', `${first} to ${last}`],
      ['size', `${size} bytes`],
      ['key', `SHA-256 ${fingerprint}`],
      ['checkpoint', checkpoint ? `over record ${checkpoint.sequence}, at ${checkpoint.time}` : 'none'],
    ]),
  );

const verify = (context: Context, { file, publicKey, checkpoint, ...options }: VerifyOptions): Promise<void> => {
  if (file !== undefined) return verifyHere(context, options, { file, publicKey, checkpoint });
  if (publicKey === undefined) return verifyThere(context, options, checkpoint);
  throw new EdgeError('invalid-field', '--public-key goes with --file: the running server knows its own key');
};

const makeCheckpoint = async (context: Context, { out, ...options }: OutOptions): Promise<void> => {
  const made = await call(dataDirectoryOf(options, context), 'audit.checkpoint', {});
  write(context, out, `${JSON.stringify(made, null, 2)}\n`);
};

const showKey = async (context: Context, { out, ...options }: OutOptions): Promise<void> => {
  const { publicKey, fingerprint } = await call(dataDirectoryOf(options, context), 'audit.status', {});
  write(context, out, options.json ? JSON.stringify({ publicKey, fingerprint }, null, 2) : publicKey);
};

const write = ({ terminal }: Context, out: string | undefined, text: string): void => {
  if (out === undefined) {
    terminal.out(text.trimEnd());
    return;
  }
  try {
    writeFileSync(out, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EdgeError(code === 'EEXIST' ? 'already-exists' : 'invalid-field', `cannot write ${out}: ${code}`);
  }
};
