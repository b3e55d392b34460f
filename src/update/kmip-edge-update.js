#!/usr/bin/env -S node --max-semi-space-size=4 --disable-sigusr1 --no-wasm-tier-up --no-wasm-dynamic-tiering
// The program `kmip-edge-update`: main.ts, without the tool that erases types (compiled.js).

import { runCompiled } from '../compiled.js';

runCompiled();
const { runUpdate } = await import('./main.ts');
await runUpdate(...process.argv.slice(2));
