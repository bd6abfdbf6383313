/** Programs as the parser of their language reads them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface ParsedCode {
  /** The string literals, in their order. */
  readonly texts: readonly string[];
  /** How many nodes its tree has: more when a literal has become code. */
  readonly nodes: number;
}

/** @throws Error when one of the programs is not valid */
export type ParseCode = (programs: readonly string[]) => readonly ParsedCode[];

export function pythonParser(): ParseCode {
  return (programs) => run('python3', [pathOf('parsed.py')], programs);
}

/** Is compiled for the test that calls this. */
export function goParser(): ParseCode {
  const folder = mkdtempSync(join(tmpdir(), 'parsed-go-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, 'parsed');
  execFileSync('go', ['build', '-o', program, pathOf('parsed.go')]);
  return (programs) => run(program, [], programs);
}

function run(program: string, args: readonly string[], programs: readonly string[]): readonly ParsedCode[] {
  const output = execFileSync(program, args, { input: JSON.stringify(programs), encoding: 'utf8' });
  return JSON.parse(output);
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
