// Bit masks (KMIP 1.4 section 9.1.3.3): on the wire an Integer, the sum of its bits.

/** KMIP 1.4 section 9.1.3.3.1; the last four since KMIP 2.0. */
export const CryptographicUsageMask = {
  Sign: 0x00000001,
  Verify: 0x00000002,
  Encrypt: 0x00000004,
  Decrypt: 0x00000008,
  WrapKey: 0x00000010,
  UnwrapKey: 0x00000020,
  Export: 0x00000040,
  MACGenerate: 0x00000080,
  MACVerify: 0x00000100,
  DeriveKey: 0x00000200,
  ContentCommitment: 0x00000400,
  KeyAgreement: 0x00000800,
  CertificateSign: 0x00001000,
  CRLSign: 0x00002000,
  GenerateCryptogram: 0x00004000,
  ValidateCryptogram: 0x00008000,
  TranslateEncrypt: 0x00010000,
  TranslateDecrypt: 0x00020000,
  TranslateWrap: 0x00040000,
  TranslateUnwrap: 0x00080000,
  Authenticate: 0x00100000,
  Unrestricted: 0x00200000,
  FPEEncrypt: 0x00400000,
  FPEDecrypt: 0x00800000,
} as const;

/** KMIP 1.4 section 9.1.3.3.2. */
export const StorageStatusMask = {
  OnLineStorage: 0x00000001,
  ArchivalStorage: 0x00000002,
  DestroyedStorage: 0x00000004,
} as const;

/** KMIP 2.1 section 12.2. */
export const ProtectionStorageMask = {
  Software: 0x00000001,
  Hardware: 0x00000002,
  OnProcessor: 0x00000004,
  OnSystem: 0x00000008,
  OffSystem: 0x00000010,
  Hypervisor: 0x00000020,
  OperatingSystem: 0x00000040,
  Container: 0x00000080,
  OnPremises: 0x00000100,
  OffPremises: 0x00000200,
  SelfManaged: 0x00000400,
  Outsourced: 0x00000800,
  Validated: 0x00001000,
  SameJurisdiction: 0x00002000,
} as const;

/** The names of the bits set in `mask`, in order; bits that the table lacks as one hexadecimal number. */
export const maskNames = (table: Readonly<Record<string, number>>, mask: number): readonly string[] => {
  const known = Object.entries(table).filter(([, bit]) => (mask & bit) !== 0);
  const rest = known.reduce((left, [, bit]) => left & ~bit, mask);
  const names = known.map(([name]) => name);
  return rest === 0 ? names : [...names, `0x${(rest >>> 0).toString(16)}`];
};
