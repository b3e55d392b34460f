// `kmip-edge instance migrate`: the keys of an instance go to another upstream. The server does the work; this command
// begins it, watches it and asks for its report, and may be ended at any time.

import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import { call } from '../../admin/api/client.ts';
import type { MigratedKey, MigrationView } from '../../admin/api/migrations.ts';
import { EdgeError } from '../../errors.ts';
import { type CommonOptions, type Context, dataDirectoryOf, nameArgument, withCommonOptions } from '../command.ts';
import { list, printJson, table } from '../output.ts';
import { createProgress, type Step } from '../progress.ts';
import { type KeyProtectOptions, keyProtectSettings, withKeyProtectOptions } from '../upstream-options.ts';

interface MigrateOptions extends CommonOptions, KeyProtectOptions {
  readonly to?: string;
  readonly rewrap?: boolean;
  readonly dryRun?: boolean;
  readonly state?: boolean;
  readonly report?: boolean;
  readonly stop?: boolean;
  readonly resume?: boolean;
  readonly finish?: boolean;
  readonly leave?: boolean;
  readonly wait: boolean;
}

const acts = ['to', 'rewrap', 'state', 'report', 'stop', 'resume', 'finish'] as const;
/** Milliseconds. */
const pollPause = 500;

const help = `
Identifiers, states, dates and attributes of the keys stay as they are: vCenter and vSAN notice nothing.

  kmip-edge instance migrate prod --to key-protect --url eu-de --instance-id … --crk … --api-key-file key --dry-run
  kmip-edge instance migrate prod --to key-protect --url eu-de --instance-id … --crk … --api-key-file key
  kmip-edge instance migrate prod --report
  kmip-edge instance migrate prod --finish

Of an instance that is on Key Protect already, only what changes is given: --to key-protect --crk OTHER. After a rotation
of the root key, --rewrap wraps every key anew.`;

/** Adds the command to the group `instance`. */
export const addMigrateCommand = (group: Command, context: Context): void => {
  const command = group
    .command('migrate')
    .argument('<name>', 'name of the service instance', nameArgument)
    .description('move all keys of an instance to another upstream or root key, without re-keying anything')
    .option('--to <kind>', 'begin: key-protect or local')
    .option('--rewrap', 'begin: the same root key, wrapped anew under its newest version')
    .option('--dry-run', 'with --to or --rewrap: only see whether the upstream and every key would do')
    .option('--state', 'show how far it is')
    .option('--report', 'show each key and where it is')
    .option('--stop', 'stop; what is moved stays moved')
    .option('--resume', 'go on, and try again what failed')
    .option('--finish', 'erase the old wrapped forms and forget the old upstream')
    .option('--leave', 'with --finish: keys that could not be moved stay where they are')
    .option('--no-wait', 'do not watch it to its end')
    .addHelpText('after', help);
  withCommonOptions(withKeyProtectOptions(command)).action((name: string, options: MigrateOptions) =>
    migrate(context, name, options),
  );
};

const migrate = async (context: Context, name: string, options: MigrateOptions): Promise<void> => {
  const chosen = acts.filter((act) => options[act]);
  if (chosen.length !== 1) {
    throw new EdgeError('invalid-field', `one of ${acts.map((act) => `--${act}`).join(', ')} is needed`);
  }
  const data = dataDirectoryOf(options, context);
  if (options.report) return showReport(context, options, name);
  if (options.finish) {
    await call(data, 'instance.migrate.finish', { name, leave: options.leave });
    if (options.json) printJson(context.terminal, { finished: name });
    else context.terminal.out(`The move of the keys of '${name}' is finished; the old wrapped forms are erased.`);
    return;
  }
  const begun = await firstView(data, name, options);
  const goesOn = begun.state === 'running' || begun.state === 'dry run';
  const view = goesOn && options.wait && !options.state ? await watch(context, data, options, begun) : begun;
  if (options.json) printJson(context.terminal, view);
  else context.terminal.out(showMigration(view));
  if (view.notMoved > 0)
    throw new EdgeError('illegal-operation', `${view.notMoved} keys are not moved`, seeReport(name));
};

const seeReport = (name: string) => ({ hint: `see each with 'kmip-edge instance migrate ${name} --report'` });

const firstView = (data: string, name: string, options: MigrateOptions): Promise<MigrationView> => {
  if (options.state) return call(data, 'instance.migrate.state', { name });
  if (options.stop) return call(data, 'instance.migrate.stop', { name });
  if (options.resume) return call(data, 'instance.migrate.resume', { name });
  const { to, dryRun } = options;
  const settings = keyProtectSettings(options);
  return call(data, 'instance.migrate', { name, to, settings, dryRun });
};

/** Shows how it goes on until it ends. */
const watch = async (
  { terminal }: Context,
  data: string,
  options: MigrateOptions,
  begun: MigrationView,
): Promise<MigrationView> => {
  const progress = createProgress(terminal, 'migrate', { quiet: options.json });
  let view = begun;
  try {
    while (view.state === 'running' || view.state === 'dry run') {
      progress.show(stepOf(view));
      await setTimeout(pollPause);
      view = await call(data, 'instance.migrate.state', { name: view.instance });
    }
    return view;
  } finally {
    progress.end();
  }
};

const stepOf = ({ total, moved, notMoved, waiting }: MigrationView): Step => {
  const failed = notMoved === 0 ? '' : `, ${notMoved} not moved`;
  const note = `${moved} of ${total} keys${failed}${waiting === undefined ? '' : `; waiting: ${waiting}`}`;
  return { done: moved + notMoved, total, note };
};

const meanings: Readonly<Record<MigrationView['state'], string>> = {
  running: 'running; it goes on in the server, after a restart too',
  stopped: 'stopped: go on with --resume',
  done: 'done: look at --report, then end it with --finish',
  'dry run': 'dry run, running',
  'dry run done': 'dry run done: nothing was changed',
};

const showMigration = (view: MigrationView): string =>
  list([
    ['instance', view.instance],
    ['from', view.from],
    ['to', view.to],
    ['state', meanings[view.state]],
    ['keys', String(view.total)],
    [view.state.startsWith('dry') ? 'would move' : 'moved', String(view.moved)],
    ['not moved', String(view.notMoved)],
    ['old forms kept', String(view.formerForms)],
    ...(view.waiting === undefined ? [] : [['waiting', view.waiting] as const]),
  ]);

const showReport = async (context: Context, options: MigrateOptions, name: string): Promise<void> => {
  const report = await call(dataDirectoryOf(options, context), 'instance.migrate.report', { name });
  if (options.json) printJson(context.terminal, report);
  else context.terminal.out(table(['key', 'moved', 'problem'], report.keys.map(reportRow)));
};

const reportRow = ({ uid, moved, problem }: MigratedKey): readonly string[] => [uid, moved ? 'yes' : 'no', problem];
