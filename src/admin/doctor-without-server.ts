// The doctor of a data directory whose server does not run: the machine, the database, and the ways to the upstreams that
// are stored there. What only a server knows is said to be not looked at.

import { statSync } from 'node:fs';
import type { UpstreamTarget } from '../keys/upstream-ports.ts';
import { answerOf, type DatabaseReport, reportOf } from '../telemetry/doctor/database.ts';
import { hostChecks, thisHost } from '../telemetry/doctor/host.ts';
import { networkChecks } from '../telemetry/doctor/network.ts';
import {
  type Answer,
  type Check,
  notChecked,
  problem,
  runChecks,
  warning,
  well,
  worstOf,
} from '../telemetry/doctor/result.ts';
import type { DoctorView } from './api/doctor.ts';

export interface ExaminedDirectory {
  readonly dataDirectory: string;
  readonly database: string;
  readonly secretFiles: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly targetsOf: (kind: string, settings: unknown) => readonly UpstreamTarget[];
}

/** Looks at it, and changes nothing that it holds. */
export const examineWithoutServer = async (given: ExaminedDirectory): Promise<DoctorView> => {
  const { dataDirectory, database, secretFiles, now } = given;
  const owner = statSync(dataDirectory, { throwIfNoEntry: false })?.uid;
  const isThere = statSync(database, { throwIfNoEntry: false }) !== undefined;
  const report = isThere ? await reportOf(database) : undefined;
  const checks: readonly Check[] =
    owner === undefined
      ? []
      : [
          ...hostChecks(thisHost(dataDirectory, secretFiles, false, owner)),
          { name: 'database', run: () => [report ? answerOf(report) : noDatabase(database)] },
          { name: 'recovery-passphrase', run: () => [recovery(report)] },
          ...networkChecks(report ? targetsIn(report, given) : [], now),
        ];
  const results = await runChecks([{ name: 'server', run: () => [noServer(dataDirectory, owner)] }, ...checks]);
  return { at: new Date(now()).toISOString(), state: worstOf(results), results };
};

const noServer = (dataDirectory: string, owner: number | undefined): Answer =>
  problem(
    owner === undefined
      ? `there is no data directory ${dataDirectory}`
      : `no server runs on the data in ${dataDirectory}: no key is served`,
    {
      todo: 'Start the server, or name its data directory with --data.',
      command: 'systemctl start kmip-edge  (or: kmip-edge serve)',
    },
  );

const noDatabase = (database: string): Answer =>
  notChecked(`there is no database ${database}: the first start makes one`);

const recovery = (report: DatabaseReport | undefined): Answer => {
  if (!report || report.busy || report.problems.length > 0) return notChecked('the database was not read');
  if (report.slots.includes('passphrase')) return well('a recovery passphrase opens the storage key as well');
  return warning('there is no recovery passphrase: without the credential file nothing opens the stored keys', {
    todo: 'Set one when the server runs, and keep it away from this machine.',
    command: 'kmip-edge seal passphrase --file FILE',
  });
};

const targetsIn = ({ upstreams }: DatabaseReport, { targetsOf }: ExaminedDirectory) =>
  upstreams.flatMap(({ instance, kind, settings }) =>
    targetsOf(kind, settings).map(({ service, ...target }) => ({ ...target, what: `${service} of '${instance}'` })),
  );
