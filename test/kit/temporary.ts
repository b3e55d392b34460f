// Directories that go with the test.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

/** An empty directory, removed after the test. */
export const temporaryDirectory = (t: Pick<ExecutionContext, 'teardown'>): string => {
  const directory = mkdtempSync(join(tmpdir(), 'ke-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};
