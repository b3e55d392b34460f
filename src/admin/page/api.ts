// Calls the management API by its own table, so that what is asked and what is answered are typed. The session is a cookie
// that this page cannot read; each change also carries the session's token, which no other site can know.

import { type Input, type Output, type Problem, type RouteName, routes } from '../api/table.ts';
import { ProblemError } from './problem.ts';

/** Setting up an upstream asks it several times; nothing here takes longer. */
const patience = 120_000;
const emptyStatus = 204;

interface CallOptions {
  /** Ends the question. */
  readonly signal?: AbortSignal;
}

let token = '';
let refused = (): void => undefined;

/** Sets the token that goes with every change. */
export const setToken = (given: string): void => {
  token = given;
};

/** `act` is called when the server does not take who asks for who they say they are. */
export const onRefused = (act: () => void): void => {
  refused = act;
};

/** Asks `route`. Throws a {@link ProblemError}. */
export const call = async <R extends RouteName>(
  route: R,
  input: Input[R],
  options: CallOptions = {},
): Promise<Output[R]> => {
  const { method, path } = routes[route];
  const response = method === 'GET' ? await get(path + queryOf(input), options) : await post(path, input, options);
  return (response.status === emptyStatus ? undefined : await response.json()) as Output[R];
};

/** The same for a route whose answer is a file. */
export const fetchFile = async <R extends RouteName>(route: R, input: Input[R]): Promise<Blob> => {
  const { method, path } = routes[route];
  const response = method === 'GET' ? await get(path + queryOf(input)) : await post(path, input);
  return response.blob();
};

const queryOf = (input: object): string => {
  const entries = Object.entries(input).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries)}`;
};

/** For what the table of routes does not describe: a path and its query. */
export const get = (path: string, options: CallOptions = {}): Promise<Response> => send(path, {}, options);

/** The same for a change. */
export const post = (path: string, input: object, options: CallOptions = {}): Promise<Response> => {
  const headers = { 'content-type': 'application/json', ...(token && { 'x-csrf-token': token }) };
  return send(path, { method: 'POST', headers, body: JSON.stringify(input) }, options);
};

const send = async (path: string, init: RequestInit, { signal }: CallOptions): Promise<Response> => {
  const ending = AbortSignal.timeout(patience);
  let response: Response;
  try {
    response = await fetch(path, {
      ...init,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      signal: signal ? AbortSignal.any([signal, ending]) : ending,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ProblemError(
      {
        kind: 'server-not-running',
        message: 'the appliance does not answer',
        hint: 'check that it runs and can be reached; this page tries again by itself',
      },
      0,
    );
  }
  if (response.ok) return response;
  const problem = await readProblem(response);
  if (response.status === 401 && token !== '') refused();
  throw problem;
};

const readProblem = async (response: Response): Promise<ProblemError> => {
  try {
    return new ProblemError((await response.json()) as Problem, response.status);
  } catch {
    return new ProblemError(
      { kind: 'internal', message: `the appliance answered HTTP ${response.status}` },
      response.status,
    );
  }
};
