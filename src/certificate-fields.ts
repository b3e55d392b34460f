// The fields of an X.509 certificate as they are encoded in it (RFC 5280 section 4.1).

import { childAt, childrenOf, contextTag, type Der, DerTag, readDer } from './der.ts';
import { EdgeError } from './errors.ts';

export interface CertificateFields {
  readonly serial: Der;
  readonly issuer: Der;
  readonly subject: Der;
  /** SubjectPublicKeyInfo */
  readonly publicKey: Der;
  /** The list of extensions. */
  readonly extensions: Der | undefined;
  /** The AlgorithmIdentifier of the signature. */
  readonly signature: Der;
}

/** Throws `invalid-field` where the encoding is damaged or a field is missing. */
export const certificateFields = (der: Buffer): CertificateFields => {
  const certificate = readDer(der);
  const fields = childrenOf(childAt(certificate, 0, DerTag.sequence));
  // The version is left out of certificates of the first version.
  const [serial, , issuer, , subject, publicKey, ...rest] = fields[0]?.tag === contextTag(0) ? fields.slice(1) : fields;
  if (!serial || !issuer || !subject || !publicKey) throw new EdgeError('invalid-field', 'a field of it is missing');
  const extensions = rest.find(({ tag }) => tag === contextTag(3));
  return {
    ...{ serial, issuer, subject, publicKey },
    extensions: extensions && childAt(extensions, 0, DerTag.sequence),
    signature: childAt(certificate, 1, DerTag.sequence),
  };
};
