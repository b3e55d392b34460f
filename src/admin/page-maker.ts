// A process that makes the page's files and ends. In a thread, the 30 MB that erasing types takes would stay with the
// server; here they go.

import { buildPage } from './page-build.ts';

process.send?.(buildPage(), () => process.disconnect());
