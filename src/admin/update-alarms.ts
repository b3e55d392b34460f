// What is wrong with updates: one that could not be installed, one whose system was not well and gave way, and an address
// that has given none for days.

import type { Clock } from '../clock.ts';
import type { AlarmSource, Finding } from '../telemetry/alarms.ts';
import type { UpdateDesk } from './update-desk.ts';

/** For so long it is said that an update was not taken. */
const shownFor = 7 * 24 * 3_600_000;
/** A night without the address is nothing yet: the system that runs is well. */
const quietFor = 3 * 24 * 3_600_000;
const about = { subject: '', page: 'appliance', severity: 'warning', command: 'kmip-edge update status' } as const;

/** Looks at how the last update ended. */
export const updateAlarms =
  (desk: Pick<UpdateDesk, 'progress' | 'record' | 'unattended' | 'look'>, clock: Clock): AlarmSource =>
  () => {
    const { progress } = desk;
    if (!progress) return [];
    return [
      ...notInstalled(progress.problem),
      ...gaveWay(desk.record.last, clock.now()),
      ...notFound(desk, clock.now()),
    ];
  };

const notInstalled = (problem: NonNullable<UpdateDesk['progress']>['problem']): readonly Finding[] => {
  if (!problem) return [];
  const todo = problem.hint === undefined ? 'What runs was not changed: try again.' : `${problem.hint}.`;
  return [{ ...about, name: 'update-failed', what: `an update could not be installed: ${problem.message}`, todo }];
};

const gaveWay = (last: UpdateDesk['record']['last'], now: number): readonly Finding[] => {
  if (last?.outcome !== 'returned') return [];
  const at = Date.parse(last.at);
  if (now - at > shownFor) return [];
  const what = `kmip-edge ${last.version} was tried and ${last.from} runs again: ${last.problem ?? 'no reason is known'}`;
  const todo = 'No key was lost. Mend what it names before you try again, or ask whoever made the update.';
  return [{ ...about, name: 'update-returned', what, todo, since: at }];
};

const notFound = ({ unattended, look }: Pick<UpdateDesk, 'unattended' | 'look'>, now: number): readonly Finding[] => {
  if (!unattended || look?.failingSince === undefined) return [];
  const since = Date.parse(look.failingSince);
  if (now - since < quietFor) return [];
  const what = `no update could be looked for or taken at ${unattended.address}: ${look.problem ?? 'no reason is known'}`;
  const todo = 'What runs was not changed. Mend what it names, or name another address on the console, under Update.';
  return [{ ...about, severity: 'info', name: 'update-look-failed', what, todo, since }];
};
