// A file that the settings of a deployment ask for, or ask to be gone.

export interface SystemFile {
  readonly path: string;
  /** Undefined: it must not be there. */
  readonly content: string | undefined;
  readonly mode: number;
}
