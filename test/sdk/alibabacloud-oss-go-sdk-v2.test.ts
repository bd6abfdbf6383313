import { beforeAll } from 'vitest';
import { describeLives } from './lives.ts';
import { GO_SDK_V2 } from './matrix.ts';
import { describeObjects } from './objects.ts';
import { type Program, startProgram } from './program-client.ts';
import { buildGoV2, INSTALL_TIMEOUT_MS } from './programs.ts';

const TOOLS = ['go', 'gcc'];

let program: Program;
beforeAll(async () => {
  program = await buildGoV2();
}, INSTALL_TIMEOUT_MS);

describeLives(GO_SDK_V2, TOOLS, (options) => startProgram(program, options));
describeObjects(GO_SDK_V2, TOOLS, (options) => startProgram(program, options));
