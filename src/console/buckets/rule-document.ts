/** The rules of a bucket as an XML document, of which a change leaves everything else as it is. */
import { CallFailed } from '../call-failed.ts';
import type { Rest } from './rest.ts';
import { RestRefused } from './rest-refused.ts';
import { childElements, parseXml, xmlText } from './xml.ts';

export interface RuleKind {
  /** The sub-resource of the bucket. */
  readonly subResource: 'lifecycle' | 'cors';
  readonly root: string;
  /** The element of one rule. */
  readonly rule: string;
  /** The code of the refusal when there are no rules. */
  readonly noneCode: string;
  /** Of the request that stores the rules. */
  readonly headers: Readonly<Record<string, string>>;
}

export const LIFECYCLE: RuleKind = {
  subResource: 'lifecycle',
  root: 'LifecycleConfiguration',
  rule: 'Rule',
  noneCode: 'NoSuchLifecycle',
  // Rules that overlap may be there already; without it none of them could be changed.
  headers: { 'x-oss-allow-same-action-overlap': 'true' },
};

export const CORS: RuleKind = {
  subResource: 'cors',
  root: 'CORSConfiguration',
  rule: 'CORSRule',
  noneCode: 'NoSuchCORSConfiguration',
  headers: {},
};

/** As it is stored; empty when there are no rules. */
export async function readRuleDocument(rest: Rest, bucket: string, kind: RuleKind): Promise<string> {
  try {
    return (await rest({ bucket, query: { [kind.subResource]: '' } })).text;
  } catch (error) {
    if (error instanceof RestRefused && error.code === kind.noneCode) return '';
    throw error;
  }
}

/** @param text of the document; empty when there are no rules */
export function rulesOf(text: string, kind: RuleKind): readonly Element[] {
  return text === '' ? [] : childElements(parseXml(text).documentElement, kind.rule);
}

export interface RuleChange {
  readonly kind: RuleKind;
  /** The document as the user saw it. */
  readonly seen: string;
  readonly change: (root: Element) => void;
}

/**
 * Stores the document with a change. Without a rule in it, it is deleted.
 * @throws CallFailed when the stored one is another than the user saw, or the emulator refuses the new one
 */
export async function changeRules(rest: Rest, bucket: string, { kind, seen, change }: RuleChange): Promise<void> {
  const query = { [kind.subResource]: '' };
  if ((await readRuleDocument(rest, bucket, kind)) !== seen) {
    throw new CallFailed(
      'The rules were changed elsewhere meanwhile. Close this, look at them, and change them again.',
    );
  }
  const document = parseXml(seen === '' ? `<${kind.root}/>` : seen);
  const root = document.documentElement;
  change(root);
  if (childElements(root, kind.rule).length === 0) {
    await rest({ method: 'DELETE', bucket, query });
    return;
  }
  // Only in answers: since when the times of access are known.
  for (const element of root.querySelectorAll('AtimeBase')) element.remove();
  const headers = { 'content-type': 'application/xml', ...kind.headers };
  await rest({ method: 'PUT', bucket, query, headers, body: xmlText(document) });
}
