// Where Key Protect and IAM live, and what a user may type for it: a region (`us-south`), a private one
// (`private.us-south`), a host, or a URL. Base URLs stay free text, because dedicated and Hyper Protect instances have
// hosts of their own and an allowed-IP policy gives an instance its own port. Regions: key-protect docs, regions.md.

import { EdgeError } from '../../errors.ts';

/** Regions of the multi-tenant service. in-che is open to listed accounts only. */
export const regions = {
  'us-south': 'Dallas',
  'us-east': 'Washington DC',
  'ca-tor': 'Toronto',
  'ca-mon': 'Montreal',
  'br-sao': 'Sao Paulo',
  'eu-gb': 'London',
  'eu-de': 'Frankfurt',
  'eu-es': 'Madrid',
  'au-syd': 'Sydney',
  'jp-tok': 'Tokyo',
  'jp-osa': 'Osaka',
  'in-mum': 'Mumbai',
  'in-che': 'Chennai',
} as const;
export type Region = keyof typeof regions;

export const iamUrls = {
  public: 'https://iam.cloud.ibm.com',
  private: 'https://private.iam.cloud.ibm.com',
} as const;
export type Network = keyof typeof iamUrls;

export interface Endpoint {
  /** Base URL of Key Protect, without a trailing slash and without /api/v2. */
  readonly url: string;
  /** The IAM base URL that goes with it: private for a private endpoint. */
  readonly iamUrl: string;
}

const isRegion = (text: string): text is Region => Object.hasOwn(regions, text);

/** The endpoint of a region. A private one needs service endpoints (VRF) in the account. */
export const regionEndpoint = (region: Region, network: Network): Endpoint => ({
  url: `https://${network === 'private' ? 'private.' : ''}${region}.kms.cloud.ibm.com`,
  iamUrl: iamUrls[network],
});

const refused = (what: string, text: string, hint: string): EdgeError =>
  new EdgeError('invalid-field', `${what} "${text.slice(0, 200)}" cannot be used`, { hint });

/**
 * The https base URL in `text` (a host, with or without port and path, or a URL), without trailing slash.
 * Errors: `invalid-field` for http and other schemes, user names, queries and fragments.
 */
export const baseUrl = (what: string, text: string): string => {
  const typed = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.canParse(typed) ? new URL(typed) : undefined;
  if (url === undefined || url.hostname === '') throw refused(what, text, 'give a host name or a URL');
  if (url.protocol !== 'https:') throw refused(what, text, 'only https is spoken');
  if (url.username !== '' || url.password !== '')
    throw refused(what, '(hidden)', 'leave the user name and password out');
  if (url.search !== '' || url.hash !== '') throw refused(what, text, 'leave the query and fragment out');
  return url.origin + url.pathname.replace(/\/+$/, '');
};

const isPrivateHost = (url: string): boolean => new URL(url).hostname.split('.').includes('private');

/**
 * The Key Protect and IAM base URLs for what a user typed: region, `private.` region, host[:port][/path] or URL.
 * Errors: `invalid-field`, with the known regions for a bare word that is none of them.
 */
export const endpointOf = (typed: string): Endpoint => {
  const text = typed.trim();
  const [, privately, word] = /^(private\.)?([^.:/]+)$/i.exec(text) ?? [];
  if (word !== undefined) {
    const region = word.toLowerCase();
    if (isRegion(region)) return regionEndpoint(region, privately === undefined ? 'public' : 'private');
    throw refused(
      'the key protect region',
      text,
      `regions: ${Object.keys(regions).join(', ')}; or give a full host name`,
    );
  }
  const url = baseUrl('the key protect url', text).replace(/\/api\/v2(\/keys)?$/, '');
  return { url, iamUrl: iamUrls[isPrivateHost(url) ? 'private' : 'public'] };
};

/** The identifier in `text`, which may also be the CRN of an instance (field 8) or of a key (field 10). */
const fromCrn = (text: string, field: number): string =>
  text.startsWith('crn:') ? (text.split(':')[field] ?? '') : text;

const checked = (what: string, text: string, pattern: RegExp, hint: string): string => {
  if (!pattern.test(text)) throw refused(what, text, hint);
  return text;
};

/** The instance id (a GUID) from the id or the CRN of the instance. Errors: `invalid-field`. */
export const instanceIdOf = (typed: string): string =>
  checked(
    'the instance id',
    fromCrn(typed.trim(), 7),
    /^[A-Za-z0-9-]{1,64}$/,
    'give the GUID or the CRN of the instance',
  );

/** The id or alias of a root key from its id, alias or CRN. Errors: `invalid-field`. */
export const keyIdOf = (typed: string): string =>
  checked(
    'the root key id',
    fromCrn(typed.trim(), 9),
    /^[A-Za-z0-9_-]{2,90}$/,
    'give the id, the alias or the CRN of a root key',
  );

/** The id of a key ring. Errors: `invalid-field`. */
export const keyRingOf = (typed: string): string =>
  checked('the key ring', typed.trim(), /^[A-Za-z0-9_-]{2,100}$/, 'give the id of a key ring, or leave it out');
