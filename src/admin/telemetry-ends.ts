// Where telemetry, which knows no other part, meets them: the store that keeps the last day, the instances whose upstreams it
// samples, and the recorder that hears of every Get.

import type { Damage } from '../damage.ts';
import type { InstanceRegistry } from '../instances/registry.ts';
import type { Recorder } from '../keys/audit-ports.ts';
import type { Store } from '../keys/ports.ts';
import type { UpstreamSample } from '../telemetry/history.ts';
import type { KmipMeter } from '../telemetry/kmip-meter.ts';
import type { TelemetryStorage } from '../telemetry/telemetry.ts';

const history = 'table history';
const begins = 'table alarm';

/** The last day and the alarms, in the store. What was damaged there at the start is not written to: that would fail. */
export const telemetryStorage = (store: Store, damage: Damage): TelemetryStorage => ({
  minutes: () => damage.orElse(history, 'the last day is lost, and is not kept', () => store.telemetry.minutes(), []),
  alarms: () => damage.orElse(begins, 'since when there is an alarm is lost', () => store.telemetry.alarms(), []),
  failing: () => store.unstored() !== undefined,
  save: (minutes, oldest, alarms) =>
    store.write(({ telemetry }) => {
      if (!damage.has(history)) {
        for (const minute of minutes) telemetry.putMinute(minute);
        telemetry.deleteMinutesBefore(oldest);
      }
      if (!damage.has(begins)) telemetry.setAlarms(alarms);
    }),
});

/** How each upstream is now. One that could not be started hears from nobody. */
export const upstreamSamples = (registry: InstanceRegistry): readonly UpstreamSample[] =>
  registry.instances().map(({ id, upstreamId }) => ({
    id,
    reachable: registry.startedAuthority(upstreamId)?.status().upstream.reachable ?? false,
  }));

/** The same recorder, which also counts where keys came from. */
export const countedRecorder = (recorder: Recorder, meter: KmipMeter): Recorder => ({
  record(entry) {
    recorder.record(entry);
    meter.recorded(entry);
  },
});
