/** Applies CORS rules to requests. Sources: "PutBucketCors" and "OptionObject" pages. */

import type { CorsDocument, CorsRule } from '../../aliyun/xml/bucket-documents.ts';
import { OssError } from '../../base/errors.ts';
import type { Answer } from '../../http/answer.ts';
import type { Bucket } from '../../storage/metadata/records.ts';
import { configurationOf } from '../bucket/bucket-configurations.ts';
import { emptyAnswer } from './rest-call.ts';

/** Rules for buckets that have none, sufficient for a local web player. */
const DEFAULT_CORS: CorsDocument = {
  rules: [
    {
      allowedOrigins: ['*'],
      allowedMethods: ['GET', 'HEAD'],
      allowedHeaders: ['*'],
      exposeHeaders: ['ETag', 'Content-Length', 'Content-Range', 'x-oss-request-id'],
      maxAgeSeconds: '3600',
    },
  ],
};

/** The rules of a bucket. Without rules any page may read, if the emulator was started with that option. */
export function corsOf(bucket: Bucket | undefined, defaultCors: boolean): CorsDocument {
  const stored = bucket && configurationOf(bucket, 'cors');
  return stored ?? (defaultCors ? DEFAULT_CORS : { rules: [] });
}

/** Headers for the answer to a request with an Origin, by the first rule that allows it; none when no rule does. */
export function corsHeaders(
  cors: CorsDocument,
  origin: string | undefined,
  method: string,
): Readonly<Record<string, string>> {
  if (origin === undefined) return {};
  const rule = cors.rules.find((candidate) => allows(candidate, origin, method, []));
  return rule ? ruleHeaders(rule, origin) : {};
}

/**
 * `Vary: Origin` beside what else the answer varies with. With ResponseVary it is in every answer, whether or not the
 * request has an Origin and a rule allows it. Source: the comment of the field in the Go SDK v2.
 */
export function varyHeader(bucket: Bucket | undefined, other: string | undefined): Readonly<Record<string, string>> {
  // Most buckets have no rules, and nothing is parsed.
  const variesWithOrigin = bucket && configurationOf(bucket, 'cors')?.responseVary === 'true';
  if (!variesWithOrigin) return {};
  return { vary: other === undefined ? 'Origin' : `Origin, ${other}` };
}

/**
 * Answers a preflight.
 * @throws OssError BadRequest, AccessForbidden
 */
export function answerPreflight(cors: CorsDocument, headers: ReadonlyMap<string, string>): Answer {
  const origin = requireHeader(headers, 'Origin');
  const method = requireHeader(headers, 'Access-Control-Request-Method');
  const wanted = listOf(headers.get('access-control-request-headers') ?? '');
  const rule = cors.rules.find((candidate) => allows(candidate, origin, method, wanted));
  if (!rule) {
    throw new OssError(
      'AccessForbidden',
      // The exact text of the service, with its misspellings.
      "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Requet-Headers are not whitelisted by the resource's CORS spec.",
    );
  }
  const allowed = wanted.length > 0 ? { 'access-control-allow-headers': wanted.join(', ') } : {};
  return emptyAnswer(200, { ...ruleHeaders(rule, origin), ...allowed });
}

function requireHeader(headers: ReadonlyMap<string, string>, name: string): string {
  const value = headers.get(name.toLowerCase());
  if (value) return value;
  throw new OssError('BadRequest', `Insufficient information. ${name} request header needed.`);
}

function allows(rule: CorsRule, origin: string, method: string, headers: readonly string[]): boolean {
  return (
    rule.allowedOrigins.some((pattern) => matchesPattern(pattern, origin)) &&
    rule.allowedMethods.includes(method) &&
    headers.every((header) => rule.allowedHeaders.some((pattern) => matchesPattern(pattern, header)))
  );
}

function ruleHeaders(rule: CorsRule, origin: string): Readonly<Record<string, string>> {
  return {
    'access-control-allow-origin': rule.allowedOrigins.includes('*') ? '*' : origin,
    'access-control-allow-methods': rule.allowedMethods.join(', '),
    ...(rule.exposeHeaders.length > 0 && { 'access-control-expose-headers': rule.exposeHeaders.join(', ') }),
    ...(rule.maxAgeSeconds !== undefined && { 'access-control-max-age': rule.maxAgeSeconds }),
  };
}

/**
 * The pattern has at most one `*`, which matches any text. Upper and lower case are equal, in header names and origins.
 */
function matchesPattern(pattern: string, text: string): boolean {
  const lower = text.toLowerCase();
  const [head = '', tail] = pattern.toLowerCase().split('*');
  if (tail === undefined) return lower === head;
  return lower.length >= head.length + tail.length && lower.startsWith(head) && lower.endsWith(tail);
}

function listOf(header: string): readonly string[] {
  return header
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
