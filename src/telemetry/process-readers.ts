// What the operating system and Node say of this process. The event loop is watched from the first question on: who never
// asks pays nothing.

import { readdirSync, readFileSync } from 'node:fs';
import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { type MetricReaders, only } from './metrics.ts';

/** Milliseconds between two measurements of the delay. */
const resolution = 20;
const nanoseconds = 1e9;
const quantiles = [50, 99, 100] as const;

export const processReaders = () => {
  let delay: ReturnType<typeof monitorEventLoopDelay> | undefined;
  let busy: EventLoopUtilization | undefined;
  return {
    kmip_edge_event_loop_delay_seconds() {
      if (!delay) {
        delay = monitorEventLoopDelay({ resolution });
        delay.enable();
        return [];
      }
      const { count } = delay;
      const late = (percent: number) =>
        Math.max(0, (delay?.percentile(percent) ?? 0) / nanoseconds - resolution / 1000);
      const samples = quantiles.map((percent) => ({ labels: { at: `p${percent}` }, value: late(percent) }));
      delay.reset();
      return count === 0 ? [] : samples;
    },
    kmip_edge_event_loop_busy_ratio() {
      const before = busy;
      busy = performance.eventLoopUtilization();
      return only(performance.eventLoopUtilization(busy, before).utilization);
    },
    process_cpu_seconds_total() {
      const { user, system } = process.cpuUsage();
      return only((user + system) / 1e6);
    },
    process_resident_memory_bytes: () => only(process.memoryUsage.rss()),
    process_start_time_seconds: () => only(Math.round(performance.timeOrigin) / 1000),
    process_open_fds: () => known(openFiles()),
    process_max_fds: () => known(mostFiles()),
    nodejs_heap_size_used_bytes: () => only(process.memoryUsage().heapUsed),
    nodejs_heap_size_total_bytes: () => only(process.memoryUsage().heapTotal),
    nodejs_external_memory_bytes: () => only(process.memoryUsage().external),
  } as const satisfies Partial<MetricReaders>;
};

const known = (value: number | undefined) => (value === undefined ? [] : only(value));

/** Without /proc it cannot be told. */
const openFiles = (): number | undefined => {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
};

const mostFiles = (): number | undefined => {
  try {
    const [, limit] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === 'unlimited' ? Number.POSITIVE_INFINITY : limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
};
