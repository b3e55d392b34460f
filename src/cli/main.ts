#!/usr/bin/env node
// The command `kmip-edge`: this process's arguments, terminal and exit code.

import { processTerminal } from './output.ts';
import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2), { terminal: processTerminal, environment: process.env });
