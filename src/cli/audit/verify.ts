// Verifying the audit trail: the running server's, watched to its end, or an export, here and without a server.

import { createReadStream } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { CheckpointView, VerificationView } from '../../admin/api/audit.ts';
import { call } from '../../admin/api/client.ts';
import { readCheckpoint } from '../../audit/chain/checkpoint.ts';
import { verifyExport } from '../../audit/chain/export-file.ts';
import { splitLines } from '../../audit/chain/lines.ts';
import { EdgeError, messageOf } from '../../errors.ts';
import { type CommonOptions, type Context, dataDirectoryOf, readInput } from '../command.ts';
import { list, printJson } from '../output.ts';
import { createProgress } from '../progress.ts';

type Report = NonNullable<VerificationView['report']>;

/** Milliseconds. */
const pollPause = 200;

/** Has the server verify its trail. Throws `data-damaged` where it is not intact. */
export const verifyThere = async (
  context: Context,
  options: CommonOptions,
  checkpointFile: string | undefined,
): Promise<void> => {
  const data = dataDirectoryOf(options, context);
  const checkpoint = checkpointFile === undefined ? undefined : checkpointIn(checkpointFile);
  const progress = createProgress(context.terminal, 'verification', { quiet: options.json });
  let view = await call(data, 'audit.verify', { checkpoint });
  try {
    while (view.running) {
      progress.show({ done: view.done, total: view.total });
      await setTimeout(pollPause);
      view = (await call(data, 'audit.status', {})).verification ?? view;
    }
  } finally {
    progress.end();
  }
  if (!view.report) throw new EdgeError('internal', `the verification could not be ended: ${view.problem ?? ''}`);
  showReport(context, options, view.report, []);
};

export interface FileToVerify {
  readonly file: string;
  readonly publicKey: string | undefined;
  readonly checkpoint: string | undefined;
}

/** Verifies an export. Throws `data-damaged` where it is not intact, `invalid-field` where it is none. */
export const verifyHere = async (
  context: Context,
  options: CommonOptions,
  { file, publicKey, checkpoint }: FileToVerify,
): Promise<void> => {
  const read = checkpoint === undefined ? undefined : readCheckpoint(checkpointIn(checkpoint));
  const report = await verifyExport(splitLines(bytesOf(file)), {
    publicKey: publicKey === undefined ? undefined : readInput('public key', publicKey),
    expected: read ? [read] : [],
  });
  const whose = publicKey === undefined ? ' (the one in the file: compare it with the server)' : '';
  showReport(context, options, report, [['key', `SHA-256 ${report.keyFingerprint}${whose}`]]);
};

async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file) as AsyncIterable<Buffer>;
  } catch (error) {
    throw new EdgeError('invalid-field', `cannot read the export from ${file}: ${messageOf(error)}`);
  }
}

const checkpointIn = (file: string): CheckpointView => {
  const text = readInput('checkpoint', file);
  try {
    const value = JSON.parse(text) as CheckpointView;
    const { number, sequence, time, hash, signature } = value;
    if (readCheckpoint(value)) return { number, sequence, time, hash, signature };
  } catch {
    // What is no JSON is no checkpoint either.
  }
  throw new EdgeError('invalid-field', `${file} holds no checkpoint`, {
    hint: "make one with 'kmip-edge audit checkpoint --out FILE'",
  });
};

const showReport = (
  { terminal }: Context,
  options: CommonOptions,
  report: Report,
  more: readonly (readonly [string, string])[],
): void => {
  const { intact, findings, found, records, checkpoints, signedTo } = report;
  if (options.json) printJson(terminal, report);
  else {
    const covered = `${checkpoints}, the last over record ${signedTo}`;
    terminal.out(
      list([['records', String(records)], ['checkpoints', covered], ...more, ['intact', intact ? 'yes' : 'NO']]),
    );
    for (const { text } of findings) terminal.out(`- ${text}`);
    if (found > findings.length) terminal.out(`- and ${found - findings.length} more`);
  }
  if (!intact) {
    throw new EdgeError('data-damaged', `the audit trail is not what the server wrote: ${found} findings`, {
      hint: 'keep a copy of the data directory as it is, and compare with a backup or with what was forwarded',
    });
  }
};
