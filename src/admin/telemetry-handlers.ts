// What telemetry knows, as the management API tells it.

import type { InstanceRegistry } from '../instances/registry.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { AlarmView } from './api/alarms.ts';
import type { HistoryView } from './api/history.ts';
import type { Input } from './api/table.ts';

export interface TelemetryHandlerOptions {
  readonly telemetry: Telemetry;
  readonly registry: InstanceRegistry;
}

/** The handlers of alarms and history. */
export const telemetryHandlers = ({ telemetry, registry }: TelemetryHandlerOptions) => ({
  'alarm.list': () => alarmViews(telemetry),
  history: (wanted: Input['history']) => historyView(telemetry, registry, wanted),
});

/** What an administrator has to look at now, the most serious first. */
export const alarmViews = (telemetry: Telemetry): readonly AlarmView[] =>
  telemetry.alarms().map(({ name, subject, severity, what, since, todo, command, page }) => ({
    name,
    subject,
    severity,
    what,
    since: new Date(since).toISOString(),
    todo,
    ...(command === undefined ? {} : { command }),
    ...(page === undefined ? {} : { page }),
  }));

const historyView = (
  telemetry: Telemetry,
  registry: InstanceRegistry,
  { hours = 24, minutes = 5 }: Input['history'],
): HistoryView => {
  const { from, step, counts, p50, p99, upstreams } = telemetry.history(hours, minutes);
  const { answered, refused, failed, memory, store, upstream } = counts;
  return {
    from: new Date(from).toISOString(),
    step,
    requests: { answered, refused, failed },
    served: { memory, store, upstream },
    latency: { p50, p99 },
    // Of instances that are gone nothing is told.
    upstreams: registry.instances().flatMap(({ id, name: instance }) => {
      const reachable = upstreams.get(id);
      return reachable ? [{ instance, reachable }] : [];
    }),
  };
};
