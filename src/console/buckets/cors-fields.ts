/** A CORS rule as its form shows it. What a rule has besides these is kept. */
import { childElements, childText, setChildTexts } from './xml.ts';

export const CORS_METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'] as const;

/** Texts of several values have one in each line. */
export interface CorsFields {
  readonly origins: string;
  readonly methods: readonly string[];
  readonly headers: string;
  readonly exposed: string;
  /** Empty: not set. */
  readonly maxAgeSec: string;
}

export const NEW_CORS_RULE: CorsFields = {
  origins: '*',
  methods: ['GET', 'HEAD'],
  headers: '*',
  exposed: '',
  maxAgeSec: '',
};

export function readCorsFields(rule: Element): CorsFields {
  const textsOf = (name: string) => childElements(rule, name).map(({ textContent }) => textContent ?? '');
  return {
    origins: textsOf('AllowedOrigin').join('\n'),
    methods: textsOf('AllowedMethod'),
    headers: textsOf('AllowedHeader').join('\n'),
    exposed: textsOf('ExposeHeader').join('\n'),
    maxAgeSec: childText(rule, 'MaxAgeSeconds') ?? '',
  };
}

/** Changes in the rule only the fields that are others than before. */
export function writeCorsFields(rule: Element, fields: CorsFields): void {
  const before = readCorsFields(rule);
  const set = (name: string, was: string, text: string) => {
    if (text !== was) setChildTexts(rule, name, linesOf(text));
  };
  set('AllowedOrigin', before.origins, fields.origins);
  set('AllowedMethod', before.methods.join('\n'), fields.methods.join('\n'));
  set('AllowedHeader', before.headers, fields.headers);
  set('ExposeHeader', before.exposed, fields.exposed);
  set('MaxAgeSeconds', before.maxAgeSec, fields.maxAgeSec);
}

export function keptInCors(rule: Element): readonly string[] {
  return [...new Set([...rule.children].map(({ tagName }) => tagName).filter((name) => !SHOWN.includes(name)))];
}

const SHOWN: readonly string[] = ['AllowedOrigin', 'AllowedMethod', 'AllowedHeader', 'ExposeHeader', 'MaxAgeSeconds'];

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
