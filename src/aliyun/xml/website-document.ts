/**
 * The website of a bucket: what of it is acted on, and the whole document, which is answered as it was sent. Shape:
 * PutBucketWebsite page.
 */
import { childOf, childrenOf, readXml, textOf, type XmlElement } from './read.ts';
import { writeXml, type XmlContent } from './write.ts';

export interface WebsiteDocument {
  readonly index?: WebsiteIndex | undefined;
  readonly error?: WebsiteError | undefined;
  readonly rules: readonly RoutingRule[];
  /** As sent, with the defaults of the service. */
  readonly content: XmlContent;
}

export interface WebsiteIndex {
  readonly suffix?: string | undefined;
  readonly supportSubDir?: string | undefined;
  readonly type?: string | undefined;
}

export interface WebsiteError {
  readonly key?: string | undefined;
  readonly httpStatus?: string | undefined;
}

export interface RoutingRule {
  readonly ruleNumber?: string | undefined;
  readonly condition?: RoutingCondition | undefined;
  readonly redirect?: RoutingRedirect | undefined;
}

export interface RoutingCondition {
  readonly keyPrefixEquals?: string | undefined;
  readonly keySuffixEquals?: string | undefined;
  readonly httpErrorCodeReturnedEquals?: string | undefined;
  readonly includeHeaders: readonly IncludeHeader[];
}

export interface IncludeHeader {
  readonly key?: string | undefined;
  readonly equals?: string | undefined;
}

export interface RoutingRedirect {
  readonly redirectType?: string | undefined;
  readonly passQueryString?: string | undefined;
  readonly replaceKeyWith?: string | undefined;
  readonly replaceKeyPrefixWith?: string | undefined;
  readonly protocol?: string | undefined;
  readonly hostName?: string | undefined;
  readonly httpRedirectCode?: string | undefined;
  readonly mirrorUrl?: string | undefined;
}

/** As all elements of the service are named; others, such as `__proto__`, would not be safe as names of properties. */
export const ELEMENT_NAME = /^[A-Z][A-Za-z0-9]*$/;
/** The Python SDK writes `True` and reads only `true`. */
const BOOLEANS: readonly string[] = [
  'SupportSubDir',
  'EnableReplacePrefix',
  'PassQueryString',
  'MirrorPassQueryString',
  'MirrorFollowRedirect',
  'MirrorCheckMd5',
  'PassAll',
];

/** @throws OssError MalformedXML when it is not such a document */
export function readWebsiteConfiguration(body: Buffer, maxBytes: number): WebsiteDocument {
  const root = readXml(body, 'WebsiteConfiguration', maxBytes);
  const index = childOf(root, 'IndexDocument');
  const error = childOf(root, 'ErrorDocument');
  return {
    index: index && {
      suffix: textOf(index, 'Suffix'),
      supportSubDir: booleanOf(index, 'SupportSubDir'),
      type: textOf(index, 'Type'),
    },
    error: error && { key: textOf(error, 'Key'), httpStatus: textOf(error, 'HttpStatus') },
    rules: childrenOf(childOf(root, 'RoutingRules'), 'RoutingRule').map(readRule),
    content: contentOf('WebsiteConfiguration', root),
  };
}

export function websiteConfigurationDocument({ content }: WebsiteDocument): string {
  return writeXml('WebsiteConfiguration', content);
}

function readRule(rule: XmlElement): RoutingRule {
  const condition = childOf(rule, 'Condition');
  const redirect = childOf(rule, 'Redirect');
  return {
    ruleNumber: textOf(rule, 'RuleNumber'),
    condition: condition && {
      keyPrefixEquals: textOf(condition, 'KeyPrefixEquals'),
      keySuffixEquals: textOf(condition, 'KeySuffixEquals'),
      httpErrorCodeReturnedEquals: textOf(condition, 'HttpErrorCodeReturnedEquals'),
      includeHeaders: childrenOf(condition, 'IncludeHeader').map((header) => ({
        key: textOf(header, 'Key'),
        equals: textOf(header, 'Equals'),
      })),
    },
    redirect: redirect && {
      redirectType: textOf(redirect, 'RedirectType'),
      passQueryString: booleanOf(redirect, 'PassQueryString'),
      replaceKeyWith: textOf(redirect, 'ReplaceKeyWith'),
      replaceKeyPrefixWith: textOf(redirect, 'ReplaceKeyPrefixWith'),
      protocol: textOf(redirect, 'Protocol'),
      hostName: textOf(redirect, 'HostName'),
      httpRedirectCode: textOf(redirect, 'HttpRedirectCode'),
      mirrorUrl: textOf(redirect, 'MirrorURL'),
    },
  };
}

function booleanOf(parent: XmlElement, name: string): string | undefined {
  return textOf(parent, name)?.toLowerCase();
}

/** An element with all that is in it. Attributes, elements with other names and text between elements are left out. */
function contentOf(name: string, { text, children }: XmlElement): XmlContent {
  if (children === undefined) return BOOLEANS.includes(name) ? text.toLowerCase() : text;
  const content: Record<string, XmlContent> = {};
  for (const [childName, elements] of children) {
    if (!ELEMENT_NAME.test(childName)) continue;
    content[childName] = elements.map((element) => contentOf(childName, element));
  }
  return name === 'Redirect' ? withDefaults(content) : content;
}

/** What the service adds to a redirect. Source: tests of the Go and Python SDKs. */
function withDefaults(redirect: Readonly<Record<string, XmlContent>>): XmlContent {
  const isMirror = String(redirect.RedirectType ?? '') === 'Mirror';
  if (!isMirror) return { ...redirect, PassQueryString: redirect.PassQueryString ?? 'false' };
  const passQueryString = redirect.MirrorPassQueryString ?? 'false';
  return {
    ...redirect,
    PassQueryString: passQueryString,
    MirrorPassQueryString: passQueryString,
    MirrorFollowRedirect: redirect.MirrorFollowRedirect ?? 'true',
    MirrorCheckMd5: redirect.MirrorCheckMd5 ?? 'false',
    ...(redirect.MirrorHeaders !== undefined && { MirrorHeaders: withPassAll(redirect.MirrorHeaders) }),
  };
}

function withPassAll(headers: XmlContent): XmlContent {
  const [first] = Array.isArray(headers) ? headers : [headers];
  return typeof first === 'object' ? { PassAll: 'false', ...first } : { PassAll: 'false' };
}
