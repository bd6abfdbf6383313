/** The same as `shellWord` of the emulator, from which the page takes types only; one test has both. */
export function quotedForShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
