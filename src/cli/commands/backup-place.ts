// `kmip-edge backup now`, `list` and `status`: the backups that are made by themselves.

import type { Command } from 'commander';
import type { BackupRunView, BackupScheduleView } from '../../admin/api/backups.ts';
import { call } from '../../admin/api/client.ts';
import { formatDuration } from '../../config/duration.ts';
import { askServer, type CommonOptions, type Context, dataDirectoryOf, withCommonOptions } from '../command.ts';
import { list, table } from '../output.ts';
import { showJob } from './backup-job.ts';

/** Adds the commands to the group `backup`. */
export const addBackupPlaceCommands = (group: Command, context: Context): void => {
  withCommonOptions(group.command('now'))
    .description('make a backup now at the place of the settings')
    .action(async (options: CommonOptions) => {
      await showJob(context, options, await call(dataDirectoryOf(options, context), 'backup.now', {}));
    });

  withCommonOptions(group.command('list'))
    .description('list the backups of this appliance at the place of the settings')
    .action((options: CommonOptions) =>
      askServer(context, options, 'backup.list', {}, (found) =>
        table(
          ['name', 'as of', 'bytes'],
          found.map(({ name, createdAt, size }) => [name, createdAt, String(size)]),
        ),
      ),
    );

  withCommonOptions(group.command('status'))
    .description('show when the next backup is due and what became of the last ones')
    .action((options: CommonOptions) => askServer(context, options, 'backup.schedule', {}, showSchedule));
};

const showSchedule = (schedule: BackupScheduleView): string => {
  const { destination, every, keep, closedBy, next, runs, lastSuccess, keepProblem, restored } = schedule;
  const facts = list([
    ['destination', destination ?? 'none: see kmip-edge config list backup'],
    ...(destination === undefined
      ? []
      : ([
          ['every', formatDuration(every)],
          ['keep', keep],
          ['closed by', closedBy],
          ['next', next ?? ''],
        ] as const)),
    ['last good one', lastSuccess ? lastSuccess.endedAt : 'none'],
    ...(keepProblem === undefined ? [] : [['not removed', keepProblem] as const]),
    ...(restored ? [['restored', `${restored.at}, as of ${restored.asOf}`] as const] : []),
  ]);
  return runs.length === 0 ? facts : `${facts}\n\n${table(['began', 'cause', 'backup', 'result'], runs.map(runRow))}`;
};

/** One that was made has a size, even where a restore may refuse it. */
const resultText = (size: number, problem: string | undefined): string => {
  if (problem === undefined) return `${size} bytes`;
  return size > 0 ? `${size} bytes, DAMAGED: ${problem}` : `FAILED: ${problem}`;
};

const runRow = ({ beganAt, cause, place, name, size, problem }: BackupRunView): readonly string[] => [
  beganAt,
  cause,
  name === '' ? place : name,
  resultText(size, problem),
];
