import { beforeAll } from 'vitest';
import { describeLives } from './lives.ts';
import { GO_SDK } from './matrix.ts';
import { type Program, startProgram } from './program-client.ts';
import { buildGo, INSTALL_TIMEOUT_MS } from './programs.ts';

const TOOLS = ['go', 'gcc'];

let go: Program;
beforeAll(async () => {
  go = await buildGo();
}, INSTALL_TIMEOUT_MS);

describeLives(GO_SDK, TOOLS, (options) => startProgram(go, options));
