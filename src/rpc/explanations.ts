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
  readonly #byRequestId = new Map<string, Explanation>();

  remember(requestId: string, explanation: Explanation): void {
    this.#byRequestId.set(requestId, explanation);
    const [oldest] = this.#byRequestId.keys();
    if (oldest !== undefined && this.#byRequestId.size > MAX_REMEMBERED) this.#byRequestId.delete(oldest);
  }

  /** The HTML page of one refusal. */
  page(requestId: string): string {
    const known = this.#byRequestId.get(requestId);
    const lines = known
      ? [`${known.code} (${known.operation || 'no operation'})`, known.message, known.reason]
      : ['Nothing is remembered of this request', `Only the latest ${MAX_REMEMBERED} refusals are.`];
    const [title = '', ...paragraphs] = lines.map(escapeHtml);
    const body = paragraphs.map((text) => `<p>${text}</p>`).join('\n');
    return `<!doctype html>\n<meta charset="utf-8">\n<title>${title}</title>\n<h1>${title}</h1>\n${body}\n`;
  }
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
