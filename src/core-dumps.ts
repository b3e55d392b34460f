// Keys must not reach the disk in a core dump. Linux lets a process say which of its memory a dump may hold: none of it.

import { writeFileSync } from 'node:fs';
import { messageOf } from './errors.ts';
import type { Log } from './log.ts';

const filter = '/proc/self/coredump_filter';

/** Keeps all memory of this process and its threads out of core dumps. Elsewhere than on Linux it only warns. */
export const noCoreDumps = (log: Log): void => {
  try {
    writeFileSync(filter, '0x0');
  } catch (error) {
    log.warn('core dumps of this process are not prevented', { problem: messageOf(error) });
  }
};
