// A client's certificate as people hand it over: as PEM with other text around it, as a file with its whole chain, or as
// the bytes of a DER file in base64.

import { EdgeError } from '../errors.ts';
import { type ClientCertificate, maximumCertificateText, readCertificate } from './certificate.ts';
import { pemOf } from './sign.ts';

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** `text`, or its PEM where it is the DER of a certificate in base64. */
export const pemFrom = (text: string): string => {
  const bare = text.length <= maximumCertificateText ? text.replaceAll(/\s/g, '') : '';
  const isDer = /^MI[A-Za-z0-9+/]{100,}={0,2}$/.test(bare);
  return isDer ? pemOf('CERTIFICATE', Buffer.from(bare, 'base64')) : text;
};

/**
 * The client's certificate in `given`: of a chain the first.
 * @throws EdgeError `invalid-field` where there is none, or the first of a chain is an authority
 */
export const readClientCertificate = (given: string): ClientCertificate => {
  const text = pemFrom(given);
  const blocks = text.match(block) ?? [];
  const labels = text.match(/-----BEGIN [A-Z0-9 ]{1,32}-----/g) ?? [];
  const [first] = blocks;
  // What holds anything but certificates is refused below, in words that say what it holds.
  if (first === undefined || blocks.length < 2 || blocks.length !== labels.length) return readCertificate(text);
  const certificate = readCertificate(first);
  if (!certificate.isAuthority) return certificate;
  throw new EdgeError('invalid-field', `the first of ${blocks.length} certificates is of an authority`, {
    hint: "give the client's own certificate first, or alone",
  });
};
