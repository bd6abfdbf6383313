/**
 * The same text with memory of its own. V8 makes a part of a text a reference to the whole: a name of twenty characters
 * that is kept keeps the request of a megabyte that it was read from.
 */
export function detachText(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
