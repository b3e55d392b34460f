// The log of earlier runs, where systemd keeps it. Each line is read as the JSON that our log writes and passes through the
// same gate as the lines in memory; what is not such a line is left out.

import { redactFields, redactText } from '../telemetry/redact.ts';

type Run = (
  program: string,
  arguments_: readonly string[],
  options: { readonly timeout: number; readonly maxBuffer: number },
) => Promise<{ readonly stdout: string }>;

const unit = 'kmip-edge';
const mostLines = 5000;
const levels: ReadonlySet<unknown> = new Set(['debug', 'info', 'warn', 'error']);

/** The lines, redacted, oldest first; none where the server was not started by systemd or the journal cannot be read. */
export const readJournal = async (environment: NodeJS.ProcessEnv, run: Run): Promise<readonly string[]> => {
  if (environment['INVOCATION_ID'] === undefined) return [];
  const arguments_ = ['--unit', unit, '--lines', String(mostLines), '--output', 'cat', '--no-pager', '--quiet'];
  try {
    const { stdout } = await run('journalctl', arguments_, { timeout: 20_000, maxBuffer: 16 * 1024 * 1024 });
    return stdout.split('\n').flatMap(readLine);
  } catch {
    return [];
  }
};

const readLine = (text: string): readonly string[] => {
  try {
    const { time, level, msg, ...fields } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const isOurs = typeof time === 'string' && !Number.isNaN(Date.parse(time)) && levels.has(level);
    if (!isOurs || typeof msg !== 'string') return [];
    const event = redactText(msg);
    return [JSON.stringify({ time: new Date(time).toISOString(), level, event, ...redactFields(fields) })];
  } catch {
    return [];
  }
};
