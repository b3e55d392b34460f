// Tests that need the shared messages: skipped by name, and so visibly, where those are absent.

import test from 'ava';
import { haveShared } from './shared-messages.ts';

/** `test` where the shared folder is there, a skipped test where it is not. */
export const sharedTest = haveShared ? test : test.skip;
