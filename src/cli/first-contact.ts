// How an endpoint comes to be trusted: by what the user gives, or by what the user has seen and said yes to. There is no
// third way: where nobody can be asked, the command ends and says what to give.

import { call } from '../admin/api/client.ts';
import type { EndpointView, PresentedView } from '../admin/api/endpoints.ts';
import { EdgeError } from '../errors.ts';
import { type Context, readInput } from './command.ts';
import { list } from './output.ts';

export interface TrustOptions {
  readonly fingerprint?: readonly string[];
  readonly caFile?: string | undefined;
}

/** Trust as the management API takes it. */
export type TrustSettings = Readonly<Partial<Record<'fingerprints' | 'caBundle', unknown>>>;

/** Hexadecimal digits of a SHA-1 fingerprint. */
const sha1Digits = 40;
const sha1Warning =
  'WARNING: a SHA-1 fingerprint can be forged: pin the SHA-256 fingerprint as soon as you can compare it.';

/**
 * Trust that was given on the command line; undefined where none was. With pins a CA bundle is for Key Protect alone. A
 * pin by SHA-1 is warned of.
 */
export const givenTrust = (
  { terminal }: Context,
  { fingerprint = [], caFile }: TrustOptions,
): TrustSettings | undefined => {
  if (fingerprint.some((one) => one.replaceAll(':', '').length === sha1Digits)) terminal.err(sha1Warning);
  if (fingerprint.length > 0) return { fingerprints: fingerprint };
  if (caFile === undefined) return undefined;
  return { caBundle: caFile === 'system' ? 'system' : readInput('CA bundle', caFile) };
};

/** Shows what the endpoint presents and asks; gives pins of exactly that. Throws where the answer is not yes. */
export const askForTrust = async (context: Context, data: string, endpoint: string): Promise<TrustSettings> => {
  const view = await call(data, 'endpoint.look', { endpoint });
  const shown = showEndpoint(view);
  const fingerprints = [...new Set(view.seen.flatMap(({ certificate }) => certificate?.sha256 ?? []))];
  if (fingerprints.length === 0) {
    throw new EdgeError('upstream-unreachable', `no certificate to be seen at ${view.addresses.join(', ')}: ${shown}`);
  }
  const { ask } = context.terminal;
  const hint = `compare with a source that you trust, then: ${fingerprints.map((one) => `--fingerprint ${one}`).join(' ')}`;
  if (!ask)
    throw new EdgeError('missing-data', `nobody is here to say whether this is the endpoint:\n${shown}`, { hint });
  context.terminal.err(shown);
  const answer = await ask('Is this the endpoint that you mean? Compare the fingerprint, then type yes: ');
  if (answer.trim().toLowerCase() !== 'yes') {
    throw new EdgeError('permission-denied', 'the endpoint was not trusted: nothing was sent to it', { hint });
  }
  return { fingerprints };
};

const ends: Readonly<Record<string, string>> = { ended: 'it ended on', 'will-end': 'it ends on' };

/** What an endpoint is and what each of its addresses presents. */
const showEndpoint = (view: EndpointView): string => {
  const { name, place, running, ends: date } = view;
  const end = running === undefined || running === 'runs' ? [] : [`NOTE: ${ends[running]} ${date?.slice(0, 10)}`];
  const title = place === undefined ? `endpoint ${name}` : `endpoint ${name} (${place})`;
  return [title, ...end, ...view.seen.map(showPresented)].join('\n');
};

const showPresented = ({ address, certificate, published, problem }: PresentedView): string => {
  if (!certificate)
    return list([
      ['address', address],
      ['problem', problem ?? 'it presents no certificate'],
    ]);
  const compared = published ? ' (the one that IBM published)' : ' (NOT the one that IBM published)';
  return list([
    ['address', address],
    ['subject', certificate.subject],
    ['issuer', certificate.issuer],
    ['names', certificate.names || 'none'],
    ['valid', `${certificate.notBefore.slice(0, 10)} to ${certificate.notAfter.slice(0, 10)}`],
    ['SHA-256', certificate.sha256],
    ['SHA-1', `${certificate.sha1}${published === undefined ? '' : compared}`],
  ]);
};
