// A service that tells its signs of life, and whose event loop hangs when it is told to (SIGUSR2): run by a test.

import { systemClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import { createServiceManager } from '../../src/telemetry/service-manager.ts';

const manager = createServiceManager({ environment: process.env, clock: systemClock, log: silentLog });
process.on('SIGUSR2', () => {
  for (;;);
});
// Keeps the process alive, which the timers of the clock alone do not.
setInterval(() => {}, 1000);
await manager.ready(() => 'well');
