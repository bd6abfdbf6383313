/** Reads a Dockerfile as far as a test needs it to lay out its last stage. */

export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions of each stage, FROM first; lines that go on are one. */
export function stagesOf(text: string): readonly (readonly Instruction[])[] {
  const stages: Instruction[][] = [];
  const lines = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n');
  for (const line of lines) {
    const [, name, rest = ''] = /^([A-Z]+)\s+(.+)$/.exec(line.trim()) ?? [];
    if (name === undefined) continue;
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, text: rest });
  }
  return stages;
}

/** What follows the name in the only instruction of that name. */
export function only(stage: readonly Instruction[], name: string): string {
  const [found, ...others] = stage.filter((instruction) => instruction.name === name);
  if (found === undefined || others.length > 0)
    throw new Error(`the stage has ${others.length + (found ? 1 : 0)} ${name}`);
  return found.text;
}

/** `NAME=value NAME=value` */
export function readVariables(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(/\s+/).map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}
