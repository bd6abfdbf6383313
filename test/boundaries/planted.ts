import { parseSource, type SourceFile } from './source-file.ts';

/** Sources in memory, by path: a test plants a fault in them, and the rule must find it. */
export function planted(texts: Readonly<Record<string, string>>): readonly SourceFile[] {
  return Object.entries(texts).map(([path, text]) => parseSource({ path, text }));
}
