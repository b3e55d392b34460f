// What went wrong below HTTP, in words and with advice: one table by the error codes of Node and OpenSSL. None
// of it proves anything about a root key.

import { messageOf } from '../../errors.ts';

interface NetworkRow {
  readonly says: string;
  readonly hint: string;
  /** Whether another try within a second may help. */
  readonly retry: boolean;
}

const row = (says: string, hint: string, retry = true): NetworkRow => ({ says, hint, retry });

const noRoute = row('the network has no route to it', 'check routing, the firewall, and VRF for a private endpoint');
const cut = row('the connection was cut', 'check the firewall and any proxy on the way');
const silent = row('no answer in time', 'check the network, the firewall, and the status page of the region');
const untrusted = row(
  'its certificate is not trusted',
  'if a proxy or a private certificate authority is in use, give its certificates with --ca-file',
  false,
);
const notHttp = row('it does not speak HTTP over TLS', 'check the host and the port', false);

const rows: Readonly<Record<string, NetworkRow>> = {
  ENOTFOUND: row('its name could not be resolved', 'check the host name and the DNS servers of this machine'),
  EAI_AGAIN: row('its name could not be resolved now', 'check the DNS servers of this machine'),
  ECONNREFUSED: row('the connection was refused', 'check the host, the port and the firewall'),
  ECONNRESET: cut,
  EPIPE: cut,
  NO_ANSWER: cut,
  CLIENT_CLOSED: row('this client is closed', 'none: it happens while stopping', false),
  EHOSTUNREACH: noRoute,
  ENETUNREACH: noRoute,
  ETIMEDOUT: silent,
  CONNECT_TIMEOUT: silent,
  TimeoutError: silent,
  AbortError: silent,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  CERT_UNTRUSTED: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  CERT_HAS_EXPIRED: row('its certificate has expired', 'check the clock of this machine', false),
  CERT_NOT_YET_VALID: row('its certificate is not valid yet', 'check the clock of this machine', false),
  ERR_TLS_CERT_ALTNAME_INVALID: row('its certificate is for another name', 'check the host name in the url', false),
  ERR_PROXY_TUNNEL: row(
    'the proxy opens no way to it',
    'check the setting upstream.proxy and whether the proxy allows this host, or name it in upstream.noProxy',
  ),
  ANSWER_TOO_LARGE: row('the answer is too large', 'check the url: this is not the service', false),
  HPE_INVALID_CONSTANT: notHttp,
  EPROTO: notHttp,
};

const unknown = row('the request failed', 'check the url and the network');

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The code of an error, or of the first of several (Node tries each address and reports them together). */
const codeOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined;
  const own = 'code' in error ? textOf(error.code) : undefined;
  if (own !== undefined) return own;
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error.cause instanceof Error ? codeOf(error.cause) : error.name;
};

/** What to say about a failure that Node threw. `detail` is the code, or the raw text where the code is unknown. */
export const explainNetworkError = (error: unknown): NetworkRow & { readonly detail: string } => {
  const code = codeOf(error) ?? '';
  const known = Object.hasOwn(rows, code) ? rows[code] : undefined;
  if (known !== undefined) return { ...known, detail: code };
  if (code.startsWith('HPE_') || code.startsWith('ERR_SSL_')) return { ...notHttp, detail: code };
  return { ...unknown, detail: code === '' ? messageOf(error) : code };
};
