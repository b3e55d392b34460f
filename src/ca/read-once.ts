// Reads a certificate once: to read it takes longer than all that is asked of it, and a list of a thousand clients is
// asked for every few seconds.

import { type ClientCertificate, readCertificate } from './certificate.ts';

/** Certificates that are remembered. */
const most = 5000;

/** As `readCertificate`, for the same text only once. */
export const createCertificateReader = (): ((pem: string) => ClientCertificate) => {
  const known = new Map<string, ClientCertificate>();
  return (pem) => {
    const found = known.get(pem) ?? readCertificate(pem);
    if (known.size >= most) known.clear();
    known.set(pem, found);
    return found;
  };
};
