// Writes the audit trail to a file, as it comes from the server.

import { createWriteStream, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { call, callForStream } from '../../admin/api/client.ts';
import { EdgeError } from '../../errors.ts';
import { type CommonOptions, type Context, dataDirectoryOf } from '../command.ts';
import { printJson } from '../output.ts';

/** A checkpoint is made first, so that it covers what is exported. What could not be written whole is not left behind. */
export const exportAudit = async (
  context: Context,
  options: CommonOptions,
  out: string,
  range: { readonly since: string | undefined; readonly until: string | undefined },
): Promise<void> => {
  const data = dataDirectoryOf(options, context);
  const checkpoint = await call(data, 'audit.checkpoint', {});
  const answer = await callForStream(data, 'audit.export', range);
  const file = createWriteStream(out, { flags: 'wx' });
  let isOurs = false;
  file.once('open', () => {
    isOurs = true;
  });
  try {
    await pipeline(answer, file);
  } catch (error) {
    if (isOurs) rmSync(out, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    throw new EdgeError(
      code === 'EEXIST' ? 'already-exists' : 'invalid-field',
      `cannot write ${out}: ${code ?? message}`,
    );
  }
  const { bytesWritten } = file;
  if (options.json) printJson(context.terminal, { out, bytes: bytesWritten, checkpoint });
  else context.terminal.out(`${out}: ${bytesWritten} bytes, signed up to record ${checkpoint.sequence}`);
};
