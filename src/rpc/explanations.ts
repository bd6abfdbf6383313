import { cutText } from '../base/cut-text.ts';
import { escapeHtml } from '../base/escape-html.ts';

/** How many refusals are kept. */
const MAX_REMEMBERED = 500;

export interface Explanation {
  readonly code: string;
  readonly message: string;
  readonly operation: string;
  readonly reason: string;
}

/** The reasons of the latest refused calls, for the page at the URL `Recommend`. */
export class Explanations {
  /** Each in JSON, so that nothing of the request is kept with it. */
  readonly #byRequestId = new Map<string, string>();

  remember(requestId: string, { code, message, operation, reason }: Explanation): void {
    const kept: Explanation = { code, message: cutText(message), operation, reason: cutText(reason) };
    this.#byRequestId.set(requestId, JSON.stringify(kept));
    const [oldest] = this.#byRequestId.keys();
    if (oldest !== undefined && this.#byRequestId.size > MAX_REMEMBERED) this.#byRequestId.delete(oldest);
  }

  /** The HTML page of one refusal. */
  page(requestId: string): string {
    const json = this.#byRequestId.get(requestId);
    const known: Explanation | undefined = json === undefined ? undefined : JSON.parse(json);
    const lines = known
      ? [`${known.code} (${known.operation || 'no operation'})`, known.message, known.reason]
      : ['Nothing is remembered of this request', `Only the latest ${MAX_REMEMBERED} refusals are.`];
    const [title = '', ...paragraphs] = lines.map(escapeHtml);
    const body = paragraphs.map((text) => `<p>${text}</p>`).join('\n');
    return `<!doctype html>\n<meta charset="utf-8">\n<title>${title}</title>\n<h1>${title}</h1>\n${body}\n`;
  }
}
