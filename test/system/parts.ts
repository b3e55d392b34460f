// The parts of the test of the OVA, in the order in which they run.

import { custody } from './custody.ts';
import { diagnosis } from './diagnosis.ts';
import { fileChecks } from './file-checks.ts';
import { firstBoot } from './first-boot.ts';
import { inside } from './inside.ts';
import { maintenance } from './maintenance.ts';
import { outside } from './outside.ts';
import { readers } from './readers.ts';
import type { Part } from './trial.ts';
import { update } from './update.ts';
import { wizard } from './wizard.ts';

export const parts: readonly Part[] = [
  fileChecks,
  readers,
  firstBoot,
  inside,
  outside,
  custody,
  update,
  wizard,
  maintenance,
  diagnosis,
];
