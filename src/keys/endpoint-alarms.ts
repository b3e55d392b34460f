// What an administrator has to look at where an endpoint holds the keys, each with what to do.

import type { UpstreamHealth } from './root-key-watch.ts';

/** Names in an alarm; more are counted. */
const mostNamed = 5;

/** Somebody answers in the endpoint's place. `instance` is the name of the service instance. */
export const trustAlarms = (instance: string, { problem, untrusted, hint }: UpstreamHealth): readonly string[] => {
  if (!untrusted || problem === undefined) return [];
  const accept = `kmip-edge instance trust ${instance} --fingerprint SHA256`;
  return [`nothing is sent upstream: ${problem}. ${hint ?? ''} (to accept it: ${accept})`];
};

/** The endpoint says that it does not have these keys. */
export const missingAlarms = (uids: readonly string[]): readonly string[] => {
  if (uids.length === 0) return [];
  const named = uids.slice(0, mostNamed).join(', ');
  const more = uids.length > mostNamed ? ` and ${uids.length - mostNamed} more` : '';
  const what = uids.length === 1 ? '1 key is' : `${uids.length} keys are`;
  return [`${what} not at the endpoint any more and not served; the copies are kept: ${named}${more}`];
};
