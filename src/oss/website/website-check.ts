/** The rules of PutBucketWebsite. Sources: its page; EC page 0019-00000002. */

import { malformedXml } from '../../aliyun/xml/malformed-xml.ts';
import type { RoutingRule, WebsiteDocument } from '../../aliyun/xml/website-document.ts';
import { invalidArgument, type OssError } from '../../base/errors.ts';
import { MAX_KEY_BYTES } from '../../base/object-key.ts';

const MAX_RULES = 20;
/** Of an answer with a body: 204, 205 and 304 have none (RFC 9110, 15.3.5, 15.3.6 and 15.4.5). */
const PAGE_STATUS = /^(?!204|205|304)[2-5]\d\d$/;
const MAX_INCLUDE_HEADERS = 10;
const REDIRECT_TYPES: readonly string[] = ['Mirror', 'External', 'Internal', 'AliCDN'];
const REDIRECT_CODES: readonly string[] = ['301', '302', '303', '307', '308'];

/**
 * Empty elements are like absent ones: the Go SDK sends them.
 * @throws OssError MalformedXML, InvalidArgument
 */
export function checkWebsite({ index, error, rules }: WebsiteDocument): void {
  if (!index?.suffix && !error?.key && rules.length === 0) {
    throw malformedXml('there is none of IndexDocument, ErrorDocument and RoutingRules');
  }
  if (index) {
    check('Suffix', index.suffix, isKey);
    check('SupportSubDir', index.supportSubDir, (text) => text === 'true' || text === 'false');
    check('Type', index.type, (text) => /^[012]$/.test(text));
  }
  if (error) {
    check('Key', error.key, isKey);
    check('HttpStatus', error.httpStatus, (text) => PAGE_STATUS.test(text));
  }
  if (rules.length > MAX_RULES) throw invalid('RoutingRule', String(rules.length));
  const numbers = new Set<string>();
  for (const rule of rules) {
    checkRule(rule);
    checkGiven('RuleNumber', rule.ruleNumber, (text) => /^[1-9]\d{0,8}$/.test(text) && !numbers.has(text));
    numbers.add(rule.ruleNumber ?? '');
  }
}

function checkRule({ condition, redirect }: RoutingRule): void {
  if (!condition) throw malformedXml('a RoutingRule has no Condition');
  if (!redirect) throw malformedXml('a RoutingRule has no Redirect');
  const { redirectType, replaceKeyWith, replaceKeyPrefixWith, protocol, hostName, httpRedirectCode } = redirect;
  const isMirror = redirectType === 'Mirror';
  if (isMirror) checkGiven('MirrorURL', redirect.mirrorUrl, (text) => /^https?:\/\/[^/].*\/$/.test(text));
  checkGiven('RedirectType', redirectType, (text) => REDIRECT_TYPES.includes(text));
  check('HttpErrorCodeReturnedEquals', condition.httpErrorCodeReturnedEquals, (text) =>
    isMirror ? text === '404' : /^[1-5]\d\d$/.test(text),
  );
  if (condition.includeHeaders.length > MAX_INCLUDE_HEADERS) {
    throw invalid('IncludeHeader', String(condition.includeHeaders.length));
  }
  if (replaceKeyWith && replaceKeyPrefixWith) throw invalid('ReplaceKeyPrefixWith', replaceKeyPrefixWith);
  check('Protocol', protocol, (text) => text === 'http' || text === 'https');
  check('HostName', hostName, (text) => /^[A-Za-z0-9.-]+(?::\d{1,5})?$/.test(text));
  check('HttpRedirectCode', httpRedirectCode, (text) => REDIRECT_CODES.includes(text));
}

function check(name: string, text: string | undefined, isValid: (text: string) => boolean): void {
  if (text) checkGiven(name, text, isValid);
}

function checkGiven(name: string, text: string | undefined, isValid: (text: string) => boolean): void {
  if (!isValid(text ?? '')) throw invalid(name, text ?? '');
}

function isKey(text: string): boolean {
  return Buffer.byteLength(text) <= MAX_KEY_BYTES && !text.startsWith('/');
}

function invalid(name: string, value: string): OssError {
  return invalidArgument(name, value, `${name} is Invalid`, '0019-00000002');
}
