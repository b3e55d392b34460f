// Restart and shut-down: systemd stops the server cleanly before.

import type { Machine } from './machine.ts';

/** Returns at once; the machine goes a moment later. */
export const restart = ({ run }: Machine): Promise<string> => run('systemctl', ['--no-block', 'reboot']);
export const shutDown = ({ run }: Machine): Promise<string> => run('systemctl', ['--no-block', 'poweroff']);
/** The server alone; waits until it serves again. */
export const restartServer = ({ run }: Machine): Promise<string> =>
  run('systemctl', ['restart', 'kmip-edge.service'], { timeout: 180_000 });
