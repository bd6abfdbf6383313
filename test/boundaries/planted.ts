import { parseSource, type SourceFile } from './source-file.ts';

/** Sources in memory, by path: a rule is shown to find a fault that is planted in them. */
export function planted(texts: Readonly<Record<string, string>>): readonly SourceFile[] {
  return Object.entries(texts).map(([path, text]) => parseSource({ path, text }));
}
