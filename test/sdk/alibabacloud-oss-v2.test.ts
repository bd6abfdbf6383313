import { beforeAll } from 'vitest';
import { describeLives } from './lives.ts';
import { PYTHON_SDK_V2 } from './matrix.ts';
import { describeObjects } from './objects.ts';
import { type Program, startProgram } from './program-client.ts';
import { INSTALL_TIMEOUT_MS, installPythonV2 } from './programs.ts';

const TOOLS = ['python3', 'gcc'];

let program: Program;
beforeAll(async () => {
  program = await installPythonV2();
}, INSTALL_TIMEOUT_MS);

describeLives(PYTHON_SDK_V2, TOOLS, (options) => startProgram(program, options));
describeObjects(PYTHON_SDK_V2, TOOLS, (options) => startProgram(program, options));
