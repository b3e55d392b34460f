// The failures of a link, as types, because what may be done next depends on them: nothing was sent, something may have
// been executed, the certificate is not the one we trust, or the outcome of a Create is not known. All of them are
// `upstream-unreachable` or `upstream-not-trusted`: none proves anything about a key.

import { EdgeError, type ErrorDetails, type ErrorKind, messageOf } from '../../errors.ts';
import { OutcomeUnknown } from '../../keys/upstream-ports.ts';
import type { PresentedCertificate } from './presented.ts';

/** No answer that can be believed. */
export class LinkError extends EdgeError {
  /** True when the endpoint may have received the request, so that it may have been executed. */
  readonly sent: boolean;

  constructor(
    message: string,
    sent: boolean,
    details: ErrorDetails = {},
    kind: Extract<ErrorKind, 'upstream-unreachable' | 'upstream-not-trusted'> = 'upstream-unreachable',
  ) {
    super(kind, message, details);
    this.name = 'LinkError';
    this.sent = sent;
  }
}

/** The endpoint showed a certificate that is not trusted; no KMIP byte was sent. */
export class CertificateNotTrusted extends LinkError {
  readonly presented: PresentedCertificate | undefined;

  constructor(message: string, hint: string, presented: PresentedCertificate | undefined) {
    super(message, false, { hint }, 'upstream-not-trusted');
    this.name = 'CertificateNotTrusted';
    this.presented = presented;
  }
}

/** A Create was sent and its answer lost, and no key with its marker was found yet: ask again later by `reconcile`. */
export class CreateOutcomeUnknown extends OutcomeUnknown {
  readonly marker: string;

  constructor(marker: string, cause: EdgeError) {
    super(`the outcome of a create is not known: ${cause.message}`, {
      hint: 'the endpoint may still make the key: look for its marker later, and adopt or destroy what is found',
      cause,
    });
    this.name = 'CreateOutcomeUnknown';
    this.marker = marker;
  }
}

interface NetworkRow {
  readonly says: string;
  readonly hint: string;
}

const row = (says: string, hint: string): NetworkRow => ({ says, hint });
const noRoute = row('the network has no route to it', 'check routing, the firewall, and VRF for a private endpoint');
const cut = row('it closed the connection', 'check that our client certificate is uploaded there, and the firewall');
const noName = row('its name could not be resolved', 'check the host name and the DNS servers of this machine');
const notAdmitted = row(
  'it refused our client certificate',
  'upload the client certificate to the KMIP adapter; it can take five minutes until it is accepted',
);

const rows: Readonly<Record<string, NetworkRow>> = {
  ENOTFOUND: noName,
  EAI_AGAIN: noName,
  ECONNREFUSED: row('the connection was refused', 'check the host, the port and the firewall'),
  ECONNRESET: cut,
  EPIPE: cut,
  EHOSTUNREACH: noRoute,
  ENETUNREACH: noRoute,
  ETIMEDOUT: row('no answer in time', 'check the network and the firewall'),
  ERR_SSL_WRONG_VERSION_NUMBER: row('it does not speak TLS', 'check the host and the port'),
  EPROTO: row('it does not speak TLS as we do', 'check the host and the port'),
};

const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof AggregateError ? codeOf(error.errors[0]) : '';
};

const rowOf = (code: string): NetworkRow | undefined => {
  if (Object.hasOwn(rows, code)) return rows[code];
  return /^ERR_SSL_.*(?:ALERT|CERTIFICATE)/.test(code) ? notAdmitted : undefined;
};

/** A failure of the socket in words, with advice. */
export const linkErrorOf = (peer: string, error: unknown, sent: boolean): LinkError => {
  if (error instanceof LinkError) return error;
  const code = codeOf(error);
  const known = rowOf(code);
  if (known === undefined) return new LinkError(`cannot talk to ${peer}: ${messageOf(error)}`, sent, { cause: error });
  const { says, hint } = known;
  return new LinkError(`cannot talk to ${peer}: ${says} (${code})`, sent, { hint, cause: error });
};
