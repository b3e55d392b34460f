// The doctor of a running server: the checks of the machine and of the ways to the upstreams, a look at a copy of the
// database, the addresses that are listened on, and the alarms, each put to the check that it belongs to.

import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../audit/chain/verifier.ts';
import type { CollectorAddress } from '../audit/forward/connection.ts';
import { wipeFile } from '../backup/wipe.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { InstanceRegistry } from '../instances/registry.ts';
import type { Store } from '../keys/ports.ts';
import type { UpstreamTarget } from '../keys/upstream-ports.ts';
import type { Alarm } from '../telemetry/alarms.ts';
import { examineLive, removeCopy } from '../telemetry/doctor/database.ts';
import { hostChecks, thisHost } from '../telemetry/doctor/host.ts';
import { examineTarget, networkChecks, type Target } from '../telemetry/doctor/network.ts';
import {
  type Answer,
  type Check,
  type CheckResult,
  problem,
  runChecks,
  warning,
  well,
} from '../telemetry/doctor/result.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { HttpsState } from './https.ts';

export interface DoctorParts {
  readonly registry: InstanceRegistry;
  readonly store: Store;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly dataDirectory: string;
  /** Path of the database's file. */
  readonly database: string;
  /** Files in the data directory that nobody else may read. */
  readonly secretFiles: readonly string[];
  readonly listener: { readonly host: string; readonly port: number; readonly listening: boolean };
  readonly https: { readonly state: HttpsState };
  /** Looks at the end of the audit trail. */
  readonly verifyAudit: () => Promise<Pick<Report, 'intact' | 'findings' | 'records'>>;
  /** Where the audit trail is forwarded to, if it is. Throws where the collector's authority cannot be read. */
  readonly collector: () => CollectorAddress | undefined;
  /** Whom a stored upstream talks to. */
  readonly targetsOf: (kind: string, settings: unknown) => readonly UpstreamTarget[];
}

const snapshotName = 'doctor.snapshot';

export class Doctor {
  readonly #parts: DoctorParts;
  readonly #copy: string;
  /** What a crash left behind is gone when this resolves. */
  readonly #cleaned: Promise<void>;
  #running: Promise<readonly CheckResult[]> | undefined;

  constructor(parts: DoctorParts) {
    this.#parts = parts;
    this.#copy = join(parts.dataDirectory, snapshotName);
    this.#cleaned = removeCopy(this.#copy, wipeFile).catch(() => undefined);
  }

  /** Looks at everything. Whoever asks while it looks gets the same results. */
  run(): Promise<readonly CheckResult[]> {
    this.#running ??= this.#cleaned
      .then(() => runChecks(this.#checks()))
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  /** Resolves when nothing runs any more. */
  async close(): Promise<void> {
    await this.#running?.catch(() => undefined);
    await this.#cleaned;
  }

  #checks(): readonly Check[] {
    const { dataDirectory, secretFiles, telemetry, clock } = this.#parts;
    const alarms = telemetry.alarms();
    return [
      ...hostChecks(thisHost(dataDirectory, secretFiles, true)),
      { name: 'database', run: async () => [await this.#database()] },
      { name: 'audit-trail', run: async () => [await auditTrail(this.#parts)] },
      { name: 'kmip-port', run: () => [kmipPort(this.#parts)] },
      { name: 'management-port', run: () => [managementPort(this.#parts)] },
      ...networkChecks(targetsOf(this.#parts), () => clock.now()),
      { name: 'syslog-path', run: () => syslogPath(this.#parts) },
      ...alarmChecks(alarms),
    ];
  }

  #database(): Promise<Answer> {
    const { database: path, dataDirectory, store } = this.#parts;
    return examineLive({
      path,
      copy: this.#copy,
      snapshot: (to) => store.snapshot(to),
      wipe: wipeFile,
      free: () => {
        const { bavail, bsize } = statfsSync(dataDirectory);
        return bavail * bsize;
      },
    });
  }
}

/** The end of the trail alone: to look at all of it takes its time, and has a command of its own. */
const auditTrail = async ({ verifyAudit }: DoctorParts): Promise<Answer> => {
  const { intact, findings, records } = await verifyAudit();
  if (intact) return well(`the last ${records} records of the audit trail are as they were written`);
  return problem(`the audit trail is not as it was written: ${findings[0]?.text ?? ''}`, {
    todo: 'Keep a copy of the data directory, and find out who could write to it.',
    command: 'kmip-edge audit verify',
  });
};

const syslogPath = async ({ collector, clock }: DoctorParts): Promise<readonly Answer[]> => {
  let target: Target;
  try {
    const address = collector();
    if (!address) return [well('the audit trail is not forwarded')];
    const { host, port, authority: ca } = address;
    target = { what: 'the syslog collector', host, port, ca, protocol: 'syslog' };
  } catch (error) {
    const todo = 'Put the file there, or name another one.';
    const what = `the authority of the syslog collector cannot be read: ${messageOf(error)}`;
    return [problem(what, { todo, command: 'kmip-edge config set audit.syslogCaFile FILE' })];
  }
  return examineTarget(target, () => clock.now());
};

const targetsOf = ({ registry, targetsOf: ofKind }: DoctorParts): readonly Target[] =>
  registry.instances().flatMap(({ name, upstreamId }) => {
    const { kind, settings } = registry.upstream(upstreamId);
    return ofKind(kind, settings).map(({ service, ...target }) => ({ ...target, what: `${service} of '${name}'` }));
  });

const kmipPort = ({ listener: { host, port, listening } }: DoctorParts): Answer => {
  const command = 'kmip-edge serve --listen [::]:5696';
  if (!listening) {
    return problem('the KMIP port is closed', { todo: 'Start the server again, and see its log.', command });
  }
  const where = `KMIP is served on ${host} port ${port}`;
  if (host === '::1' || host.startsWith('127.')) {
    return warning(`${where}: only this machine can reach it`, {
      todo: 'Listen on an address of the network.',
      command,
    });
  }
  return well(where);
};

const managementPort = ({ https }: DoctorParts): Answer => {
  const { state, host, port, problem: why = '' } = https.state;
  if (state === 'off') return well('the web page and the management API over HTTPS are switched off');
  if (state === 'on') return well(`the web page is on ${host} port ${port}`);
  const todo = 'See which program has the port, or choose another one with the setting admin.listen.';
  return problem(`the web page is out of reach: ${why}`, { todo, command: `ss -ltnp 'sport = :${port}'` });
};

/** Which alarms belong to which check: by the beginning of the alarm's name. The last check has the rest. */
const checksOfAlarms = [
  [
    'service-instances',
    ['instance', 'upstream', 'lease', 'root-key', 'endpoint'],
    'every service instance serves keys',
  ],
  ['recovery-passphrase', ['no-recovery-passphrase'], 'a recovery passphrase opens the storage key as well'],
  ['certificates', ['certificate', 'client-certificate', 'root'], 'no certificate ends soon'],
  ['backup', ['backup'], 'backups are made'],
  ['syslog', ['audit-not-forwarded', 'audit-forwarding'], 'no record waits in vain to be forwarded'],
  ['audit', ['audit'], 'records of what is done can be stored'],
  ['store', ['store'], 'changes can be stored'],
  ['clock', ['clock'], 'the clock was not set while the server ran'],
  ['everything-else', [''], 'no other alarm'],
] as const;

/** These have checks of their own, which look more closely. */
const lookedAtElsewhere: ReadonlySet<string> = new Set(['disk-space', 'disk-files']);

const alarmChecks = (alarms: readonly Alarm[]): readonly Check[] => {
  const left = new Set(alarms.filter(({ name }) => !lookedAtElsewhere.has(name)));
  return checksOfAlarms.map(([name, beginnings, all]) => {
    const own = [...left].filter((alarm) => beginnings.some((beginning) => alarm.name.startsWith(beginning)));
    for (const alarm of own) left.delete(alarm);
    return { name, run: () => (own.length === 0 ? [well(all)] : own.map(answerOf)) };
  });
};

/** Advice is worth a look here: whoever asks the doctor wants to know. */
const answerOf = ({ severity, what, todo, command }: Alarm): Answer => {
  const remedy = command === undefined ? { todo } : { todo, command };
  if (severity === 'critical') return problem(what, remedy);
  return warning(what, remedy);
};
