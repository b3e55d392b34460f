// What a check of the doctor says: how it is, and where it is not well what to do.

export type CheckState = 'well' | 'warning' | 'problem' | 'not-checked';

export interface CheckResult {
  /** The name of the check in its table. */
  readonly check: string;
  readonly state: CheckState;
  readonly what: string;
  /** What to do, as a sentence. */
  readonly todo?: string;
  /** The command that mends it. */
  readonly command?: string;
}

/** A check without its name, as the functions of the table give it. */
export type Answer = Omit<CheckResult, 'check'>;

export const well = (what: string): Answer => ({ state: 'well', what });
export const notChecked = (what: string): Answer => ({ state: 'not-checked', what });

interface Remedy {
  readonly todo: string;
  readonly command?: string;
}
export const warning = (what: string, remedy: Remedy): Answer => ({ state: 'warning', what, ...remedy });
export const problem = (what: string, remedy: Remedy): Answer => ({ state: 'problem', what, ...remedy });

export interface Check {
  readonly name: string;
  /** One answer or several; what it throws is an answer too. */
  readonly run: () => Promise<readonly Answer[]> | readonly Answer[];
}

/** How long one check may take, milliseconds. */
const longestCheck = 100_000;

/** Runs all checks beside one another; the results are in the order of the table. */
export const runChecks = async (checks: readonly Check[]): Promise<readonly CheckResult[]> => {
  const results = await Promise.all(checks.map(runOne));
  return results.flat();
};

const runOne = async ({ name: check, run }: Check): Promise<readonly CheckResult[]> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Answer[]>((resolve) => {
    timer = setTimeout(() => resolve([notChecked(`no result within ${longestCheck / 1000} s`)]), longestCheck);
  });
  try {
    const answers = await Promise.race([Promise.resolve().then(run), late]);
    return answers.map((answer) => ({ check, ...answer }));
  } catch (error) {
    return [{ check, ...notChecked(error instanceof Error ? error.message : String(error)) }];
  } finally {
    clearTimeout(timer);
  }
};

/** The worst of them; `not-checked` counts as well. */
export const worstOf = (results: readonly Pick<CheckResult, 'state'>[]): 'well' | 'warning' | 'problem' => {
  if (results.some(({ state }) => state === 'problem')) return 'problem';
  return results.some(({ state }) => state === 'warning') ? 'warning' : 'well';
};
