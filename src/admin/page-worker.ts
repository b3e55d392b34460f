// A thread that makes the page's files and ends: what erasing types needs (about 20 MB) goes with it.

import { parentPort } from 'node:worker_threads';
import { buildPage } from './page-build.ts';

parentPort?.postMessage(buildPage());
