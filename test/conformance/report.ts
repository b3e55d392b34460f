// The results of a run as a table: passed of all, a row for each profile and a column for each version.

import type { Result } from './runner.ts';

/** What profiles are called in full, by the name that test cases give them. */
const profileNames: Readonly<Record<string, string>> = {
  AKLC: 'Asymmetric Key Lifecycle',
  AX: 'AES XTS',
  BL: 'Baseline',
  'CS-AC': 'Advanced Cryptographic',
  'CS-BC': 'Basic Cryptographic',
  'CS-RNG': 'RNG Cryptographic',
  'MSGENC-HTTPS': 'HTTPS',
  'MSGENC-JSON': 'JSON',
  'MSGENC-XML': 'XML',
  OMOS: 'Opaque Managed Object Store',
  SASED: 'Storage Array with Self-Encrypting Drives',
  SKFF: 'Symmetric Key Foundry for FIPS 140',
  SKLC: 'Symmetric Key Lifecycle',
  SUITEB_128: 'Suite B, 128 bits',
  SUITEB_192: 'Suite B, 192 bits',
  TL: 'Tape Library',
};

/** A profile's name in full. */
export const profileName = (profile: string): string => profileNames[profile] ?? profile;

/** A Markdown table of the cases, each cell with how many passed of how many. */
export const table = (results: readonly Result[]): string => {
  const versions = [...new Set(results.map((one) => one.case.version))].toSorted();
  const kinds = ['mandatory', 'optional'] as const;
  const rows = [...new Set(results.map((one) => one.case.profile))].toSorted().flatMap((profile) =>
    kinds.flatMap((kind) => {
      const own = results.filter(
        (one) => one.case.profile === profile && one.case.mandatory === (kind === 'mandatory'),
      );
      if (own.length === 0) return [];
      const cells = versions.map((version) => cell(own.filter((one) => one.case.version === version)));
      return [[`${profileName(profile)} (${profile})`, kind, ...cells]];
    }),
  );
  return lines([['Profile', 'cases', ...versions.map((version) => `KMIP ${version}`)], ...rows]);
};

const cell = (results: readonly Result[]): string => {
  const passed = results.filter(({ problems }) => problems.length === 0).length;
  return results.length === 0 ? '' : `${passed} of ${results.length}`;
};

const lines = (rows: readonly (readonly string[])[]): string => {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0), 3));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...rows.slice(1).map(line)].join('\n');
};
