// Work that holds one of the four threads that Node has for such work, for a second or so. Name lookups, files and sign-ins
// wait for the same threads, those of every service instance: clients together get one of them.

import { EdgeError } from '../errors.ts';
import { OneAtATime } from '../one-at-a-time.ts';

/** One is worked on, fifteen wait: the last of them for about as long as clients have patience. */
const longest = 16;

/** The queue of a server, for all of its clients. Throws `not-ready` where too many wait. */
export const createSlowWork = (): OneAtATime =>
  new OneAtATime({
    longest,
    refusal: () =>
      new EdgeError('not-ready', `${longest} key pairs and derivations are under way, and no more at a time`, {
        hint: 'try again in some seconds',
      }),
  });
