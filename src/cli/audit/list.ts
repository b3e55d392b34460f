// Audit records on the terminal, page by page from the server.

import { setTimeout } from 'node:timers/promises';
import type { AuditRecordView } from '../../admin/api/audit.ts';
import { call } from '../../admin/api/client.ts';
import type { Input } from '../../admin/api/table.ts';
import { type CommonOptions, type Context, dataDirectoryOf } from '../command.ts';
import { jsonText, printJson, table } from '../output.ts';

export interface ListOptions extends CommonOptions {
  readonly since?: string;
  readonly until?: string;
  readonly client?: string;
  readonly instance?: string;
  readonly key?: string;
  readonly event?: string;
  readonly outcome?: AuditRecordView['outcome'];
  readonly limit: number;
  readonly follow?: boolean;
}

/** Milliseconds between two looks. */
const followPause = 1000;
const pageSize = 1000;

type Filter = Pick<Input['audit.list'], 'since' | 'until' | 'client' | 'instance' | 'key' | 'event' | 'outcome'>;

const filterOf = ({ since, until, client, instance, key, event, outcome }: ListOptions): Filter => ({
  since,
  until,
  client,
  instance,
  key,
  event,
  outcome,
});

/** Prints records, the newest last, and goes on with new ones where that is asked for. */
export const showRecords = async (context: Context, options: ListOptions): Promise<void> => {
  const { terminal } = context;
  const data = dataDirectoryOf(options, context);
  const { last } = await call(data, 'audit.status', {});
  const records = await newest(data, filterOf(options), options.limit, last + 1);
  if (options.follow) {
    for (const record of records) terminal.out(options.json ? jsonText(record) : lineOf(record));
    return follow(context, options, last);
  }
  if (options.json) return printJson(terminal, records);
  const rows = records.map((record) => cellsOf(record));
  terminal.out(
    rows.length === 0 ? 'no records' : table(['time', 'event', 'outcome', 'who', 'instance', 'key', 'notes'], rows),
  );
};

/** The newest `limit` records before a sequence number, oldest first. */
const newest = async (
  data: string,
  filter: Filter,
  limit: number,
  end: number,
): Promise<readonly AuditRecordView[]> => {
  const records: AuditRecordView[] = [];
  for (let before: number | undefined = end; before !== undefined && records.length < limit; ) {
    const wanted = Math.min(pageSize, limit - records.length);
    const page: { readonly records: readonly AuditRecordView[]; readonly next?: number } = await call(
      data,
      'audit.list',
      {
        ...filter,
        before,
        limit: wanted,
      },
    );
    records.push(...page.records);
    before = page.next;
  }
  return records.reverse();
};

const follow = async (context: Context, options: ListOptions, from: number): Promise<void> => {
  const data = dataDirectoryOf(options, context);
  for (let after = from; ; ) {
    const { last } = await call(data, 'audit.status', {});
    const { records, next } = await call(data, 'audit.list', { ...filterOf(options), after, limit: pageSize });
    for (const record of records) context.terminal.out(options.json ? jsonText(record) : lineOf(record));
    after = next ?? Math.max(after, last, records.at(-1)?.sequence ?? 0);
    if (next === undefined) await setTimeout(followPause);
  }
};

const cellsOf = (record: AuditRecordView): readonly string[] => {
  const { time, event, outcome, served, by, name, address, instance, key, reason, problem, subject } = record;
  const who = by === 'server' ? name : `${by} ${name}${address === '' ? '' : ` (${address})`}`;
  const about = Object.entries(subject ?? {})
    .filter(([, value]) => value !== '')
    .map(([what, value]) => `${what}=${value}`);
  const notes = [...(served ? [`from ${served}`] : []), ...((problem ?? reason) ? [problem ?? reason] : []), ...about];
  const shortEvent = event.replace(/^vmware-solutions\./, '');
  return [time, shortEvent, outcome, who, instance ?? '', key ?? '', notes.join(', ')].map(printable);
};

/** Names and texts come from clients: no control character of theirs reaches the terminal. */
const printable = (text: string): string => text.replace(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/gu, '�');

const lineOf = (record: AuditRecordView): string =>
  cellsOf(record)
    .filter((cell) => cell !== '')
    .join('  ');
