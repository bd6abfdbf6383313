import { detachText } from './detached-text.ts';

/** More than any name, key or URL that is in use: texts up to this length are kept, logged and shown whole. */
export const MAX_TEXT_CHARS = 4096;

/**
 * A text that a client can make as long as it likes, in a bounded length. Where something is left out, the text ends
 * with how much.
 */
export function cutText(text: string, maxChars = MAX_TEXT_CHARS): string {
  if (text.length <= maxChars) return text;
  // No half of a character that takes two places.
  const kept = text.slice(0, maxChars).replace(/[\ud800-\udbff]$/, '');
  return detachText(`${kept}… (${text.length - kept.length} more characters)`);
}
