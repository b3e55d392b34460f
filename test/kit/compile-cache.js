// Keeps what Node compiled, for all test files: each runs in a process of its own, and erasing types anew cost every one of
// them half a second. JavaScript, because it comes before all that is TypeScript. Not by an environment variable, which
// the servers that tests start would inherit.

import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/tests'));
