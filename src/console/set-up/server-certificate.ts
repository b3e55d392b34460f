// The server certificate as vCenter shows it, to be compared.

import type { CertificatesView } from '../../admin/api/certificates.ts';
import type { Task } from './step.ts';

/** The long fingerprint in two rows of 16 bytes. */
export const halvesOf = (sha256: string): readonly string[] => [sha256.slice(0, 48), sha256.slice(48)];

/** What a person compares and wants to know of it. */
export const certificateLines = (certificate: CertificatesView['current']): readonly string[] => [
  'SHA-1',
  `  ${certificate.sha1}`,
  'SHA-256',
  ...halvesOf(certificate.sha256).map((half) => `  ${half}`),
  '',
  `Subject      ${certificate.subject}`,
  `Issuer       ${certificate.issuer}`,
  `Key          ${certificate.publicKey}`,
  `Valid until  ${certificate.notAfter.slice(0, 10)} (${certificate.daysLeft} days)`,
  `Names        ${certificate.names.join(', ') || 'none'}`,
  ...certificate.warnings.map((warning) => `! ${warning}`),
];

/** Shows it. */
export const showFingerprints: Task = async ({ ui, call }) => {
  const { current } = await call('certificate.show', {});
  const text = ['When vCenter asks whether to trust this server, it shows one of these fingerprints:', ''];
  await ui.message({ title: 'Server certificate', text: [...text, ...certificateLines(current)] });
  return true;
};
