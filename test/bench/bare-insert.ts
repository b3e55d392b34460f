// The yardstick for Create: bare inserts, one after the other without a pause.

import { openInsert } from './insert-row.ts';
import { serveQuestions } from './process.ts';

export interface Inserts {
  /** A database of ours with at least one key. */
  readonly database: string;
  readonly count: number;
}

let insert: (() => unknown) | undefined;

serveQuestions(({ database, count }: Inserts): number => {
  insert ??= openInsert(database);
  for (let done = 0; done < count; done++) insert();
  return count;
});
