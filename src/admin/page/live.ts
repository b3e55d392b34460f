// Values that stay true without a reload: a route is asked again and again while somebody looks, rarely while nobody does,
// and ever more rarely while the appliance does not answer. The last values stay on the page meanwhile.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Input, Output, RouteName } from '../api/table.ts';
import { call } from './api.ts';
import { intervalAfter } from './pace.ts';
import { type ProblemError, problemOf } from './problem.ts';

export interface Live<T> {
  /** Absent until the first answer. */
  readonly data: T | undefined;
  /** Why the last attempt failed; the data is then older than it should be. */
  readonly problem: ProblemError | undefined;
  /** Asks now: after a change. */
  readonly reload: () => Promise<void>;
}

/** `every`: milliseconds; 0 asks once. */
export const useLive = <R extends RouteName>(route: R, input: Input[R], every: number = 5000): Live<Output[R]> => {
  const asked = JSON.stringify(input);
  return usePolled(() => call(route, JSON.parse(asked) as Input[R]), `${route} ${asked}`, every);
};

/** The same for anything that can be asked; another `key` begins anew. */
export const usePolled = <T>(ask: () => Promise<T>, key: string, every: number): Live<T> => {
  const [state, setState] = useState<{ readonly key: string; readonly data?: T; readonly problem?: ProblemError }>({
    key,
  });
  const latest = useRef(ask);
  latest.current = ask;
  const failures = useRef(0);

  const attempt = useCallback(async (): Promise<void> => {
    try {
      const data = await latest.current();
      failures.current = 0;
      setState({ key, data });
    } catch (error) {
      failures.current++;
      setState((before) => ({ ...(before.key === key ? before : { key }), problem: problemOf(error) }));
    }
  }, [key]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    const next = async (): Promise<void> => {
      clearTimeout(timer);
      await attempt();
      if (ended || every === 0) return;
      timer = setTimeout(() => void next(), intervalAfter(every, failures.current, document.hidden));
    };
    const seen = (): void => {
      if (!document.hidden) void next();
    };
    void next();
    document.addEventListener('visibilitychange', seen);
    return () => {
      ended = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [attempt, every]);

  const mine = state.key === key;
  return { data: mine ? state.data : undefined, problem: mine ? state.problem : undefined, reload: attempt };
};
