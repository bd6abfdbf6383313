/** The body of an upload callback: text with `${name}` for facts of the upload. Source: "Callback" page. */

/** What a variable stands for. Numbers are written without quotes in JSON. */
export type CallbackValue = string | number;

export type CallbackTemplate = readonly TemplatePiece[];

type TemplatePiece = { readonly text: string } | { readonly variable: string };

export type CallbackBodyType = 'application/x-www-form-urlencoded' | 'application/json';

/** Undefined when a dollar sign is not followed by `{`, or a `{` is not closed. */
export function parseCallbackTemplate(body: string): CallbackTemplate | undefined {
  const pieces: TemplatePiece[] = [];
  let at = 0;
  for (let dollar = body.indexOf('$'); dollar >= 0; dollar = body.indexOf('$', at)) {
    const end = body.indexOf('}', dollar);
    if (body[dollar + 1] !== '{' || end < 0) return undefined;
    pieces.push({ text: body.slice(at, dollar) }, { variable: body.slice(dollar + 2, end) });
    at = end + 1;
  }
  pieces.push({ text: body.slice(at) });
  return pieces;
}

/** Values are percent-encoded in a form and are JSON in JSON; a variable without a value is empty. */
export function renderCallbackTemplate(
  template: CallbackTemplate,
  type: CallbackBodyType,
  find: (variable: string) => CallbackValue | undefined,
): string {
  const encode = type === 'application/json' ? JSON.stringify : (value: CallbackValue) => encodeURIComponent(value);
  return template.map((piece) => ('text' in piece ? piece.text : encode(find(piece.variable) ?? ''))).join('');
}

/** Whether the template names such a variable. */
export function namesVariable(template: CallbackTemplate, matches: (variable: string) => boolean): boolean {
  return template.some((piece) => 'variable' in piece && matches(piece.variable));
}
