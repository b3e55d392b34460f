// What the process that encrypts is told, and what its exit codes say.

export type AgeTask =
  | { readonly act: 'encrypt'; readonly passphrase: string; readonly work?: number | undefined }
  | { readonly act: 'encrypt'; readonly recipients: readonly string[] }
  | { readonly act: 'decrypt'; readonly passphrase: string }
  | { readonly act: 'decrypt'; readonly identities: readonly string[] };

/** A public or private key that is none, something that does not open, and bytes that are not as they were written. */
export type AgeProblem = 'recipient' | 'identity' | 'locked' | 'damaged';

/** Node uses the numbers up to 13 itself. */
export const exitCodes = { recipient: 40, identity: 41, locked: 42, damaged: 43 } as const satisfies Record<
  AgeProblem,
  number
>;

export const problemOfExit = (code: number | null): AgeProblem | undefined =>
  (Object.keys(exitCodes) as AgeProblem[]).find((problem) => exitCodes[problem] === code);
