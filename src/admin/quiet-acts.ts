// Refusals that anybody can cause are told once a minute for each address and route, and not more than so many in all:
// what nobody had to sign in for must not fill the record.

import type { Act, OnAct } from './acts.ts';

const quietTime = 60_000;
/** The most refusals of nobody that are told in one quiet time. */
const most = 100;

/** `onAct`, less the refusals of nobody that repeat themselves. `now` is the monotonic clock, milliseconds. */
export const createQuietActs = (onAct: OnAct, now = () => performance.now()): OnAct => {
  const told = new Map<string, number>();
  const isRepeated = ({ actor, route, kind }: Act): boolean => {
    const time = now();
    // In the order of their ends, because each is put at the end of the map.
    for (const [old, end] of told) {
      if (end > time) break;
      told.delete(old);
    }
    const subject = `${actor.address} ${route} ${kind}`;
    if (told.has(subject) || told.size >= most) return true;
    told.set(subject, time + quietTime);
    return false;
  };
  return (act) => (isAnybodys(act) && isRepeated(act) ? undefined : onAct(act));
};

/** A wrong password is told each time: the lock-out bounds how often. */
const isAnybodys = ({ actor, outcome, route, kind }: Act): boolean =>
  actor.kind === 'nobody' && outcome !== 'done' && !(route === 'session.begin' && kind === 'not-authenticated');
