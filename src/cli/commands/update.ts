// `kmip-edge update`: hands a bundle to the running server, which has the appliance install it beside the system that runs.

import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import { call } from '../../admin/api/client.ts';
import { pieceBytes, type UpdateView } from '../../admin/api/updates.ts';
import { EdgeError, type ErrorKind, errorKinds, isKind, messageOf } from '../../errors.ts';
import { askServer, type CommonOptions, type Context, dataDirectoryOf, withCommonOptions } from '../command.ts';
import { list, printJson } from '../output.ts';
import { createProgress, type Progress } from '../progress.ts';

interface ChangeOptions extends CommonOptions {
  readonly yes?: boolean;
}

/** Milliseconds. */
const pollPause = 500;

const applyHelp = `
The bundle is signed, and is taken only from who made this appliance. It is written beside the system that runs; nothing stops
until it is in place. Then the appliance restarts, and the new system shows on a copy of the data that it is well. Where it is
not, or does not come up, the old one starts again by itself, with every key. Clients are without answer during the restart.`;

/** Adds the group `update`. */
export const addUpdateCommands = (program: Command, context: Context): void => {
  const group = program.command('update').description('update the appliance, or go back to the system before');
  withCommonOptions(group.command('apply').argument('<file>', 'the signed bundle, kmip-edge-VERSION.update'))
    .description('install an update and restart into it')
    .option('--yes', 'do not ask')
    .addHelpText('after', applyHelp)
    .action((file: string, options: ChangeOptions) => apply(context, file, options));
  withCommonOptions(group.command('status'))
    .description('show which system runs, how far an update is, and how the last one ended')
    .action((options: CommonOptions) => askServer(context, options, 'update.show', {}, showUpdate));
  withCommonOptions(group.command('return'))
    .description('restart into the system from before the last update')
    .option('--yes', 'do not ask')
    .action((options: ChangeOptions) => goBack(context, options));
};

const apply = async (context: Context, file: string, options: ChangeOptions): Promise<void> => {
  const { version } = await call(dataDirectoryOf(options, context), 'update.show', {});
  await confirm(context, options, `kmip-edge ${version} is replaced by what is in ${file}; the appliance restarts`);
  await upload(context, file, options);
  await call(dataDirectoryOf(options, context), 'update.apply', {});
  await watch(context, options);
};

const goBack = async (context: Context, options: ChangeOptions): Promise<void> => {
  const { version, other } = await call(dataDirectoryOf(options, context), 'update.show', {});
  if (other === undefined) throw new EdgeError('wrong-state', 'there is no other system to return to');
  await confirm(context, options, `kmip-edge ${other} starts instead of ${version}; the appliance restarts`);
  await call(dataDirectoryOf(options, context), 'update.return', {});
  await watch(context, options);
};

const confirm = async ({ terminal }: Context, { yes }: ChangeOptions, what: string): Promise<void> => {
  if (yes) return;
  if (!terminal.ask) {
    throw new EdgeError('invalid-field', `${what}: nobody can be asked here`, { hint: 'add --yes to have it done' });
  }
  terminal.err(what);
  const answer = await terminal.ask('Type yes to go on: ');
  if (answer.trim() !== 'yes') throw new EdgeError('invalid-field', 'nothing was changed');
};

const upload = async (context: Context, path: string, options: CommonOptions): Promise<void> => {
  const directory = dataDirectoryOf(options, context);
  const file = await open(path).catch((error: unknown) => {
    throw new EdgeError('invalid-field', `cannot read ${path}: ${messageOf(error)}`);
  });
  const progress = createProgress(context.terminal, 'upload', { quiet: options.json });
  try {
    const { size } = await file.stat();
    await call(directory, 'update.upload', { size });
    for (let offset = 0; offset < size; ) {
      const bytes = await nextPiece(file, offset);
      await call(directory, 'update.piece', { offset, bytes: bytes.toString('base64') });
      offset += bytes.length;
      progress.show({ done: offset, total: size });
    }
  } finally {
    progress.end();
    await file.close();
  }
};

const nextPiece = async (file: FileHandle, offset: number): Promise<Buffer> => {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(pieceBytes), 0, pieceBytes, offset);
  if (bytesRead === 0) throw new EdgeError('invalid-field', 'the file became shorter while it was read');
  return buffer.subarray(0, bytesRead);
};

/** Until the appliance restarts, which ends the server that is asked. Throws what the update failed with. */
const watch = async (context: Context, options: CommonOptions): Promise<void> => {
  const progress = createProgress(context.terminal, 'update', { quiet: options.json });
  const view = await ended(context, options, progress).finally(() => progress.end());
  if (view?.problem) {
    const { kind, message, hint } = view.problem;
    const known: ErrorKind = Object.hasOwn(errorKinds, kind) ? (kind as ErrorKind) : 'internal';
    throw new EdgeError(known, message, hint === undefined ? {} : { hint });
  }
  if (options.json)
    return printJson(context.terminal, { restarting: true, ...(view?.next ? { next: view.next } : {}) });
  context.terminal.out('the new system is in place, and the appliance restarts into it');
  context.terminal.out('how it ended: kmip-edge update status, once it is up again');
};

const ended = async (context: Context, options: CommonOptions, progress: Progress): Promise<UpdateView | undefined> => {
  let last: UpdateView | undefined;
  for (;;) {
    try {
      last = await call(dataDirectoryOf(options, context), 'update.show', {});
    } catch (error) {
      if (isKind(error, 'server-not-running')) return last;
      throw error;
    }
    if (last.stage === 'failed' || last.stage === 'idle' || last.stage === 'restarting') return last;
    progress.show({ done: last.done, total: last.total, note: last.stage });
    await setTimeout(pollPause);
  }
};

const showUpdate = (view: UpdateView): string => {
  const { supported, version, other, stage, done, total, next, problem, last, unattended, upload: coming } = view;
  const percent = total > 0 ? `, ${Math.floor((100 * done) / total)} %` : '';
  return list([
    ['runs', version],
    ['other system', other ?? 'none'],
    [
      'update',
      supported ? `${stage}${percent}${next === undefined ? '' : ` (${next})`}` : 'not from here: no appliance',
    ],
    ...(coming ? [['upload', `${coming.received} of ${coming.size} bytes`] as const] : []),
    ...(problem ? [['problem', problem.message] as const] : []),
    ...(last ? [['last', lastText(last)] as const] : []),
    ...(supported
      ? [['by itself', unattended ? `daily after ${unattended.time}, ${unattended.address}` : 'off'] as const]
      : []),
    ...(unattended ? [['looked', view.look ? lookText(view.look) : 'not yet'] as const] : []),
  ]);
};

const lastText = ({ kind, version, from, outcome, at, problem }: NonNullable<UpdateView['last']>): string =>
  outcome === 'confirmed'
    ? `${kind} from ${from} to ${version} was confirmed ${at}`
    : `${kind} from ${from} to ${version} was given up ${at}: ${problem ?? 'no reason is known'}`;

const lookText = ({
  at,
  found,
  version = '',
  problem = 'no reason is known',
}: NonNullable<UpdateView['look']>): string =>
  `${at}: ${
    {
      nothing: `nothing newer, ${version} lies there`,
      'given-up': `${version} lies there, which was given up before`,
      taken: `${version} was taken`,
      'not-now': `not done, ${problem}`,
      failed: `failed: ${problem}`,
    }[found]
  }`;
