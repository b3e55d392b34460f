// Reading the settings anew while the server runs, and telling which of them wait for the next start.

import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { SettingsFile } from './settings-file.ts';

/** A file that cannot be is told in the log, and then all stays as it is. */
export const reloadSettings = async (settings: SettingsFile, log: Log): Promise<void> => {
  try {
    const waiting = await settings.reload();
    if (waiting.length === 0) log.info('the settings were read anew');
    else log.warn('the settings were read anew; some wait for the next start', { waiting: waiting.join(', ') });
  } catch (error) {
    log.error('the settings could not be read anew: all stays as it was', { problem: messageOf(error) });
  }
};
