// What is kept of keys that move from one upstream to another: a part of the store, as ports.ts has the rest.

/** An instance's keys on their way from one upstream to another; `done` waits for the user's word to erase the old forms. */
export interface Move {
  readonly instanceId: string;
  readonly from: string;
  readonly to: string;
  readonly state: 'running' | 'stopped' | 'done';
  readonly startedAt: number;
  readonly endedAt?: number;
}

export interface NotMoved {
  readonly uid: string;
  readonly problem: string;
}

export interface MoveReader {
  moves(): readonly Move[];
  /** Ordered by unique identifier. */
  notMoved(instanceId: string): readonly NotMoved[];
  /** How many objects of the instance still have the forms of the upstream before. */
  formerForms(instanceId: string): number;
}

export interface MoveWriter extends MoveReader {
  putMove(move: Move): void;
  /** With its list of what was not moved. */
  deleteMove(instanceId: string): void;
  putNotMoved(instanceId: string, one: NotMoved): void;
  clearNotMoved(instanceId: string): void;
  /** Sets an object's forms aside: the next update gives it new ones and leaves these. */
  keepFormer(uid: string): void;
  /** Erases what was set aside. */
  eraseFormer(instanceId: string): void;
}
