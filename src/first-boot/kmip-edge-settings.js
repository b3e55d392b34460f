#!/usr/bin/env -S node --max-semi-space-size=1 --disable-sigusr1 --no-wasm-tier-up --no-wasm-dynamic-tiering
// The program `kmip-edge-settings`: main.ts, without the tool that erases types (compiled.js).

import { runCompiled } from '../compiled.js';

runCompiled();
const { runSettings } = await import('./main.ts');
await runSettings(process.argv[2]);
