/**
 * What a website does with a request. Sources: PutBucketWebsite page; for requests that are signed, `test_website` of the
 * Python SDK. Of the routing rules only those of type External are carried out.
 */
import { percentEncodePath } from '../../aliyun/auth/canonical.ts';
import type { RoutingRedirect, RoutingRule, WebsiteDocument } from '../../aliyun/xml/website-document.ts';

export interface WebsiteRequest {
  /** Empty for the root. */
  readonly key: string;
  /** Without the question mark; still encoded. */
  readonly rawQuery: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** `host[:port]` for redirects that name none. */
  readonly host: string;
  /** For redirects that name none. */
  readonly scheme: 'http' | 'https';
}

export interface WebsiteRedirect {
  readonly status: number;
  readonly location: string;
}

/** What to do instead of answering that an object does not exist; the first that works. */
export type Fallback =
  | { readonly kind: 'redirect-if-exists'; readonly key: string; readonly redirect: WebsiteRedirect }
  | { readonly kind: 'object'; readonly key: string; readonly status: number };

/** The object that stands for a folder or for the root, if the website has one. */
export function indexKey({ index }: WebsiteDocument, key: string): string | undefined {
  if (!index?.suffix || (key !== '' && !key.endsWith('/'))) return undefined;
  return index.supportSubDir === 'true' ? `${key}${index.suffix}` : index.suffix;
}

/** Where a rule sends this request. @param status of the answer that it would get; undefined before it is known */
export function routeOf(
  { rules }: WebsiteDocument,
  request: WebsiteRequest,
  status: number | undefined,
): WebsiteRedirect | undefined {
  const rule = [...rules]
    .sort((a, b) => Number(a.ruleNumber) - Number(b.ruleNumber))
    .find((candidate) => candidate.redirect?.redirectType === 'External' && matches(candidate, request, status));
  return rule?.redirect && redirectOf(rule, rule.redirect, request);
}

/** For a key that names no object. */
export function fallbacksOf({ index, error }: WebsiteDocument, key: string): readonly Fallback[] {
  const fallbacks: Fallback[] = [];
  if (index?.suffix && index.supportSubDir === 'true' && !key.endsWith('/')) {
    const inFolder = `${key}/${index.suffix}`;
    const redirect = { status: 302, location: `/${percentEncodePath(key)}/` };
    if (index.type === '2') fallbacks.push({ kind: 'object', key: inFolder, status: 200 });
    else if (index.type !== '1') fallbacks.push({ kind: 'redirect-if-exists', key: inFolder, redirect });
  }
  if (error?.key) fallbacks.push({ kind: 'object', key: error.key, status: Number(error.httpStatus ?? 404) });
  return fallbacks;
}

function matches({ condition }: RoutingRule, { key, headers }: WebsiteRequest, status: number | undefined): boolean {
  if (!condition) return false;
  const { keyPrefixEquals, keySuffixEquals, httpErrorCodeReturnedEquals: code, includeHeaders } = condition;
  return (
    (code ? Number(code) : undefined) === status &&
    key.startsWith(keyPrefixEquals ?? '') &&
    key.endsWith(keySuffixEquals ?? '') &&
    includeHeaders.every((header) => headers.get(header.key?.toLowerCase() ?? '') === (header.equals ?? ''))
  );
}

function redirectOf(rule: RoutingRule, redirect: RoutingRedirect, request: WebsiteRequest): WebsiteRedirect {
  const { protocol, hostName, httpRedirectCode, passQueryString } = redirect;
  const path = percentEncodePath(replacedKey(rule, redirect, request.key));
  const query = passQueryString === 'true' && request.rawQuery !== '' ? `?${request.rawQuery}` : '';
  return {
    status: Number(httpRedirectCode || 302),
    location: `${protocol || request.scheme}://${hostName || request.host}/${path}${query}`,
  };
}

function replacedKey({ condition }: RoutingRule, redirect: RoutingRedirect, key: string): string {
  const { replaceKeyWith, replaceKeyPrefixWith } = redirect;
  if (replaceKeyWith) return replaceKeyWith.replace(/\$\{key\}/g, () => key);
  if (replaceKeyPrefixWith === undefined) return key;
  return replaceKeyPrefixWith + key.slice(condition?.keyPrefixEquals?.length ?? 0);
}
