/** The memory of a text: V8 keeps a character in one or two bytes. This is the upper bound, which costs nothing to know. */
export function textSizeBytes(text: string): number {
  return 2 * text.length;
}
