// A step of the set-up: what it is for, how it is now, and what is done in it.

import type { StatusView } from '../../admin/api/status.ts';
import type { PageContext } from '../page.ts';

/** True where it was done, false where whoever sits there left it by Esc. */
export type Task = (context: PageContext) => Promise<boolean>;

export interface StepState {
  /** One sentence. */
  readonly text: string;
  /** Whether it can be left as it is. */
  readonly isDone: boolean;
}

export interface Step {
  readonly label: string;
  /** What it is for, in a sentence or two. */
  readonly text: string;
  readonly state: (context: PageContext, status: StatusView) => Promise<StepState> | StepState;
  readonly load: () => Promise<Task>;
}
