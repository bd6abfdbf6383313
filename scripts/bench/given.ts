/** Options that name programs and builds to measure. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Option, valued } from '../support/command-line.ts';
import { programMissing } from './ingest-server.ts';

/** A program by its path, or by its name where it is in PATH. */
export function givenProgram(): Option<string | undefined> {
  const parse = (path: string) => (programMissing(path) === undefined ? path : undefined);
  return valued('PATH', 'the path of a program', parse, undefined);
}

/** Another build of the emulator, to measure the cost of a change: its `dist` folder. */
export function givenBuild(): Option<string | undefined> {
  const parse = (path: string) => (existsSync(resolve(path, 'main.js')) ? path : undefined);
  return valued('FOLDER', 'the dist folder of a build, with main.js in it', parse, undefined);
}
