// One look at the server for the status screen: it serves, waits to be opened, tries a new system, starts, or does not answer.

import { isKind, messageOf } from '../errors.ts';
import type { Call } from './page.ts';
import type { Line, Size } from './screen.ts';
import { absentLines, type HostFacts, lockedLines, problemLines, statusLines, tryingLines } from './status-screen.ts';

export interface LookOptions {
  readonly call: Call;
  readonly facts: HostFacts;
  /** What was wrong with the settings of the deployment, one line each. */
  readonly problems: string;
  /** A new system is being tried. */
  readonly isTrying: boolean;
  /** The machine has just begun: a server that does not answer is one that starts. */
  readonly isStarting: boolean;
}

type Draw = (size: Size) => readonly Line[];

/** What to draw; never throws. */
export const lookAtServer = async (options: LookOptions): Promise<Draw> => {
  const draw = await serverLines(options);
  return (size) => [...draw(size), ...problemLines(options.problems, size)];
};

const serverLines = async ({ call, facts, isTrying, isStarting }: LookOptions): Promise<Draw> => {
  try {
    const status = await call('status', {});
    return (size) => statusLines(status, facts, size);
  } catch (error) {
    const seal = isKind(error, 'storage-locked') ? await call('seal.show', {}).catch(() => undefined) : undefined;
    if (seal) return (size) => lockedLines(seal, facts, size);
    const lines = isTrying ? tryingLines : absentLines;
    return (size) => lines(messageOf(error), facts, size, isStarting);
  }
};
