// What several views say of a service instance in a word.

import type { Output } from '../../api/table.ts';
import { term } from '../format.ts';
import type { Node } from '../html.ts';
import { type State, state } from '../parts/tile.ts';

export type Instance = Output['instance.list'][number];

const lives: Readonly<Record<Instance['life'], string | undefined>> = {
  active: undefined,
  suspended: 'no, suspended',
  'removal-pending': 'no, to be removed',
  erasing: 'no, being erased',
};

/** Whether stored keys are served, and if not, why. */
export const servingState = ({ life, serving }: Instance): Node => {
  const reason = lives[life];
  if (reason !== undefined) return state('warning', reason);
  return state(serving ? 'success' : 'error', serving ? 'yes' : 'no');
};

/** The kind of upstream, and whether it can be reached. */
export const upstreamState = ({ upstream, upstreamState: reached, started }: Instance): Node => {
  const kind: State = reached === 'reachable' ? 'success' : started ? 'warning' : 'error';
  return state(kind, `${upstream}, ${started ? reached : 'not started'}`);
};

/** `71 h left of 72 h`. */
export const leaseText = ({ lease }: Instance): string =>
  lease.term === 'unlimited' ? 'unlimited' : `${term(lease.remaining)} left of ${term(lease.term)}`;
