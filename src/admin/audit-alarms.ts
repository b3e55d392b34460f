// What an administrator has to look at about the audit trail.

import type { Audit } from '../audit/audit.ts';
import type { ForwarderState } from '../audit/forward/forwarder.ts';
import type { Clock } from '../clock.ts';
import type { AlarmSource, Finding } from '../telemetry/alarms.ts';

const about = { subject: '', severity: 'critical', page: 'audit' } as const;

/** Records that cannot be stored, an end that is missing since the start, and a verification that found something. */
export const auditAlarms =
  ({ trail, verification, forwarder }: Audit, clock: Clock): AlarmSource =>
  () => {
    const found: Finding[] = trail.alarms().map((what) => ({
      ...about,
      name: 'audit-not-stored',
      what,
      todo: 'Make room on the data disk; where the database is damaged, restore a backup. Keys are served meanwhile.',
    }));
    if (trail.endMissing !== undefined) {
      const what = `the end of the audit trail was missing at the start: the records up to ${trail.endMissing}`;
      const todo = 'Find out who changed the database, or whether it came out of an old copy.';
      found.push({ ...about, name: 'audit-cut-off', what, todo, command: 'kmip-edge audit verify' });
    }
    const report = verification.state?.report;
    if (report && !report.intact) {
      const what = `the audit trail is not what the server wrote: ${report.findings[0]?.text ?? 'see the report'}`;
      const todo = 'Keep a copy of the data directory as it is, and compare with what was exported or forwarded.';
      found.push({ ...about, name: 'audit-tampered', what, todo, command: 'kmip-edge audit verify' });
    }
    found.push(...forwardingAlarms(forwarder?.state, clock.now()));
    return found;
  };

/** Milliseconds. A collector that restarts is no alarm. */
const patience = 5 * 60_000;

const forwardingAlarms = (state: ForwarderState | undefined, now: number): readonly Finding[] => {
  const found: Finding[] = [];
  const forwarding = { ...about, severity: 'warning', subject: 'syslog' } as const;
  if (state?.problem && now - state.problem.since > patience) {
    const what = `the audit trail is not forwarded: ${state.problem.text}; the collector is ${state.behind} records behind`;
    const todo = 'Make the collector reachable, or correct the settings audit.syslog….';
    found.push({ ...forwarding, name: 'audit-not-forwarded', what, todo, since: state.problem.since });
  }
  if (state?.gap) {
    const what = `the audit records ${state.gap.from} to ${state.gap.to} were never forwarded: the collector was too far behind`;
    const todo = 'Export them with kmip-edge audit export, and see why the collector was away.';
    found.push({ ...forwarding, name: 'audit-forwarding-gap', what, todo, command: 'kmip-edge audit export' });
  }
  return found;
};
