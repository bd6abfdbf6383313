/**
 * The text as one word of a POSIX shell, for commands that people copy: nothing in single quotes has a meaning there, and a
 * quote itself ends them for a moment (POSIX, Shell Command Language 2.2.2).
 */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
