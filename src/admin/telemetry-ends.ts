// Where telemetry, which knows no other part, meets them: the store that keeps the last day, the instances whose upstreams it
// samples, and the recorder that hears of every Get.

import type { InstanceRegistry } from '../instances/registry.ts';
import type { Recorder } from '../keys/audit-ports.ts';
import type { Store } from '../keys/ports.ts';
import type { UpstreamSample } from '../telemetry/history.ts';
import type { KmipMeter } from '../telemetry/kmip-meter.ts';
import type { TelemetryStorage } from '../telemetry/telemetry.ts';

/** The last day and the alarms, in the store. */
export const telemetryStorage = (store: Store): TelemetryStorage => ({
  minutes: () => store.telemetry.minutes(),
  alarms: () => store.telemetry.alarms(),
  failing: () => store.unstored() !== undefined,
  save: (minutes, oldest, alarms) =>
    store.write(({ telemetry }) => {
      for (const minute of minutes) telemetry.putMinute(minute);
      telemetry.deleteMinutesBefore(oldest);
      telemetry.setAlarms(alarms);
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
