import { escapeHtml } from '../../base/escape-html.ts';
import { OWN_PREFIX } from '../../http/own-path.ts';

/** What the answer quotes of a request is text. */
const POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export interface WrittenRefusal {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Why nothing is at an address for whoever asks: for a person in a browser a text that leads to the page, else JSON. */
export function writeRefusal(error: string, accept: string | undefined): WrittenRefusal {
  if (!acceptsHtml(accept)) {
    const headers = { 'content-type': 'application/json; charset=utf-8', vary: 'accept' };
    return { headers, body: JSON.stringify({ error }) };
  }
  const lines = [
    '<!doctype html>',
    '<meta charset="utf-8">',
    '<title>OSS LiveChannel emulator</title>',
    `<p>${escapeHtml(error)}</p>`,
    `<p><a href="${OWN_PREFIX}/">The page of the emulator</a></p>`,
  ];
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY, vary: 'accept' };
  return { headers, body: `${lines.join('\n')}\n` };
}

/** Whether a browser shows the answer to a person: no SDK accepts HTML. */
export function acceptsHtml(accept = ''): boolean {
  return /(?:^|[,\s])text\/html(?:$|[;,\s])/i.test(accept);
}
