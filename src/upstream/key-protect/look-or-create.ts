// Creating without making two: a request whose answer got lost may have been carried out, so that we look for the thing
// before each try, and once more before giving up.

import type { Clock } from '../../clock.ts';
import { type Failure, type Outcome, valueOrThrow } from './errors.ts';
import type { Timings } from './guard.ts';

export interface Creation<T> {
  /** The thing, if it is there. */
  look(): Promise<T | undefined>;
  /** Tries once to make it. */
  create(): Promise<Outcome<T>>;
}

/** Whether the thing may be there although creating it failed. */
const maybeThere = ({ class: meaning }: Failure): boolean => meaning === 'unreachable' || meaning === 'taken';

const pause = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));

/**
 * The thing as it was found, or as it was made. Tries as often as `timings` allow, and begins none when its total time has
 * passed. Errors: what `look` throws, and the failure of the last try.
 */
export const lookOrCreate = async <T>(creation: Creation<T>, timings: Timings, clock: Clock): Promise<T> => {
  const endsAt = clock.monotonic() + timings.totalMs;
  for (let tries = 0; ; tries++) {
    const found = await creation.look();
    if (found !== undefined) return found;
    const made = await creation.create();
    if (made.ok || !maybeThere(made.failure)) return valueOrThrow(made);
    const ms = Math.max(made.failure.retryAfterMs ?? 0, timings.backoffMs * 2 ** tries);
    if (!made.failure.retry || tries >= timings.retries || clock.monotonic() + ms >= endsAt) {
      return (await creation.look()) ?? valueOrThrow(made);
    }
    await pause(clock, ms);
  }
};
