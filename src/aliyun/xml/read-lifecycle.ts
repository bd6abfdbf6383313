/**
 * Reads the document of PutBucketLifecycle. Elements: PutBucketLifecycle page. Each EC: its own page, e.g. 0014-00000050.
 * What rules must be to each other is checked elsewhere.
 */
import { parseIsoTime } from '../../base/dates.ts';
import { invalidArgument } from '../../base/errors.ts';
import {
  type AccessOptions,
  type ActionTime,
  type LifecycleDocument,
  type LifecycleExpiration,
  type LifecycleFilter,
  type LifecycleNot,
  type LifecycleRule,
  type LifecycleTag,
  type LifecycleTransition,
  type NoncurrentTransition,
  TRANSITION_CLASSES,
  type TransitionClass,
} from './lifecycle-rule.ts';
import { malformedXml } from './malformed-xml.ts';
import { childOf, childrenOf, readXml, textOf, type XmlElement } from './read.ts';

/** 1,000 rules ("Lifecycle rules" page), each with all that a rule can have. */
const MAX_ELEMENTS = 50_000;

/** The child elements of an element: those that may occur once, and those that may be repeated. */
interface Children {
  readonly once: readonly string[];
  readonly repeated?: readonly string[];
  /** EC of the refusal of any other child. */
  readonly ec?: string;
}

const MAX_RULES = 1000;
const MAX_ID_BYTES = 255;
const MAX_PREFIX_BYTES = 1023;
/** 5 TB, the largest value of a size filter. */
const MAX_SIZE_BYTES = 5 * 1024 ** 4;
const MAX_DAYS = 2 ** 31 - 1;
const MIDNIGHT = /^\d{4}-\d{2}-\d{2}T00:00:00\.000Z$/;
/** Keys and values of tags may contain these characters. Their length is not checked: oss2's tests. */
const TAG_TEXT = /^[\p{L}\p{N} +\-=._:/]*$/u;

const ROOT: Children = { once: [], repeated: ['Rule'], ec: '0014-00000015' };
/** `Days` and `Date` are ignored: ali-oss leaves them there beside the Expiration that it makes of them. */
const RULE: Children = {
  once: [
    'ID',
    'Prefix',
    'Status',
    'Filter',
    'Expiration',
    'AbortMultipartUpload',
    'NoncurrentVersionExpiration',
    'Days',
    'Date',
  ],
  repeated: ['Tag', 'Transition', 'NoncurrentVersionTransition'],
  ec: '0014-00000017',
};
const FILTER: Children = { once: ['ObjectSizeGreaterThan', 'ObjectSizeLessThan', 'Not'] };
const NOT: Children = { once: ['Prefix', 'Tag'] };
const TAG: Children = { once: ['Key', 'Value'] };
/** `Date` against the page of 0014-00000056, because oss2 and the Go SDK send it and their tests expect it back. */
const EXPIRATION: Children = {
  once: ['Days', 'CreatedBeforeDate', 'Date', 'ExpiredObjectDeleteMarker'],
  ec: '0014-00000056',
};
const ACCESS_OPTIONS = ['IsAccessTime', 'ReturnToStdWhenVisit', 'AllowSmallFile'];
const TRANSITION: Children = { once: ['Days', 'CreatedBeforeDate', 'StorageClass', ...ACCESS_OPTIONS] };
const ABORT: Children = { once: ['Days', 'CreatedBeforeDate'], ec: '0014-00000071' };
const NONCURRENT_EXPIRATION: Children = { once: ['NoncurrentDays'] };
const NONCURRENT_TRANSITION: Children = { once: ['NoncurrentDays', 'StorageClass', ...ACCESS_OPTIONS] };

/**
 * PutBucketLifecycle.
 *
 * @throws OssError MalformedXML when it is not such a document, InvalidArgument when a value is not allowed
 */
export function readLifecycleConfiguration(body: Buffer, maxBytes: number): LifecycleDocument {
  const root = readXml(body, 'LifecycleConfiguration', maxBytes, MAX_ELEMENTS);
  checkChildren(root, 'LifecycleConfiguration', ROOT);
  const rules = childrenOf(root, 'Rule');
  if (rules.length === 0) throw malformedXml('there is no Rule');
  if (rules.length > MAX_RULES) {
    throw invalidArgument('Rule', String(rules.length), `there are more than ${MAX_RULES} rules`, '0014-00000014');
  }
  return { rules: rules.map(readRule) };
}

function readRule(element: XmlElement): LifecycleRule {
  checkChildren(element, 'Rule', RULE);
  const filter = childOf(element, 'Filter');
  const expiration = childOf(element, 'Expiration');
  const abort = childOf(element, 'AbortMultipartUpload');
  const noncurrentExpiration = childOf(element, 'NoncurrentVersionExpiration');
  return {
    id: readText(element, 'ID', MAX_ID_BYTES, '0014-00000019'),
    prefix: readText(element, 'Prefix', MAX_PREFIX_BYTES, '0014-00000022'),
    isEnabled: readStatus(element),
    tags: childrenOf(element, 'Tag').map(readTag),
    ...(filter && { filter: readFilter(filter) }),
    ...(expiration && { expiration: readExpiration(expiration) }),
    transitions: childrenOf(element, 'Transition').map(readTransition),
    ...(abort && { abortMultipartUpload: readAbort(abort) }),
    ...(noncurrentExpiration && { noncurrentExpirationDays: readNoncurrentExpiration(noncurrentExpiration) }),
    noncurrentTransitions: childrenOf(element, 'NoncurrentVersionTransition').map(readNoncurrentTransition),
  };
}

function readStatus(rule: XmlElement): boolean {
  const status = textOf(rule, 'Status');
  if (status === undefined) throw malformedXml('a Rule has no Status', '0014-00000025');
  if (status === 'Enabled') return true;
  if (status === 'Disabled') return false;
  throw malformedXml(`Status ${status} is neither Enabled nor Disabled`, '0014-00000024');
}

function readText(parent: XmlElement, name: string, maxBytes: number, ec: string): string {
  const text = textOf(parent, name) ?? '';
  if (Buffer.byteLength(text) <= maxBytes) return text;
  throw invalidArgument(name, text, `${name} is longer than ${maxBytes} bytes`, ec);
}

function readTag(element: XmlElement): LifecycleTag {
  checkChildren(element, 'Tag', TAG);
  const key = textOf(element, 'Key');
  const value = textOf(element, 'Value') ?? '';
  if (!key) throw malformedXml('a Tag has no Key');
  if (!TAG_TEXT.test(key)) {
    throw invalidArgument('Key', key, 'the key of a tag has a character that is not allowed', '0014-00000031');
  }
  if (!TAG_TEXT.test(value)) {
    throw invalidArgument('Value', value, 'the value of a tag has a character that is not allowed');
  }
  return { key, value };
}

function readFilter(element: XmlElement): LifecycleFilter {
  const [, second] = childrenOf(element, 'Not');
  if (second) throw malformedXml('a Filter has more than one Not', '0014-00000089');
  checkChildren(element, 'Filter', FILTER);
  const greaterThan = readSize(element, 'ObjectSizeGreaterThan', '0014-00000039');
  const lessThan = readSize(element, 'ObjectSizeLessThan');
  if (greaterThan !== undefined && lessThan !== undefined && greaterThan >= lessThan) {
    const reason = 'ObjectSizeGreaterThan must be less than ObjectSizeLessThan';
    throw invalidArgument('ObjectSizeGreaterThan', String(greaterThan), reason, '0014-00000041');
  }
  const not = childOf(element, 'Not');
  return {
    ...(greaterThan !== undefined && { objectSizeGreaterThan: greaterThan }),
    ...(lessThan !== undefined && { objectSizeLessThan: lessThan }),
    ...(not && { not: readNot(not) }),
  };
}

function readNot(element: XmlElement): LifecycleNot {
  checkChildren(element, 'Not', NOT);
  const prefix = readText(element, 'Prefix', MAX_PREFIX_BYTES, '0014-00000035');
  const tag = childOf(element, 'Tag');
  if (prefix === '' && !tag) throw malformedXml('a Not has neither Prefix nor Tag', '0014-00000035');
  return { prefix, ...(tag && { tag: readTag(tag) }) };
}

function readSize(filter: XmlElement, name: string, ec?: string): number | undefined {
  const text = textOf(filter, name);
  if (text === undefined) return undefined;
  const sizeBytes = /^\d{1,13}$/.test(text) ? Number(text) : Number.NaN;
  if (sizeBytes <= MAX_SIZE_BYTES) return sizeBytes;
  throw invalidArgument(name, text, `${name} is not a number of bytes up to 5 TB`, ec);
}

function readExpiration(element: XmlElement): LifecycleExpiration {
  checkChildren(element, 'Expiration', EXPIRATION);
  const when = readTime(element, 'Expiration', '0014-00000061');
  const deleteMarker = readFlag(element, 'ExpiredObjectDeleteMarker');
  if (deleteMarker === true && when) {
    throw malformedXml('ExpiredObjectDeleteMarker excludes Days and CreatedBeforeDate', '0014-00000059');
  }
  if (deleteMarker !== true && !when) {
    throw malformedXml('an Expiration has neither Days nor CreatedBeforeDate', '0014-00000060');
  }
  return {
    ...(when && { when }),
    ...(deleteMarker !== undefined && { expiredObjectDeleteMarker: deleteMarker }),
  };
}

function readTransition(element: XmlElement): LifecycleTransition {
  if (childOf(element, 'Date')) throw malformedXml('Date is not allowed in Transition', '0014-00000046');
  checkChildren(element, 'Transition', TRANSITION);
  const when = readTime(element, 'Transition', '0014-00000050');
  if (!when) throw malformedXml('a Transition has neither Days nor CreatedBeforeDate');
  return { when, storageClass: readTransitionClass(element, '0014-00000044'), ...readAccessOptions(element) };
}

function readAbort(element: XmlElement): ActionTime {
  checkChildren(element, 'AbortMultipartUpload', ABORT);
  const when = readTime(element, 'AbortMultipartUpload', '0014-00000074');
  if (!when) throw malformedXml('an AbortMultipartUpload has neither Days nor CreatedBeforeDate', '0014-00000073');
  return when;
}

function readNoncurrentExpiration(element: XmlElement): number {
  checkChildren(element, 'NoncurrentVersionExpiration', NONCURRENT_EXPIRATION);
  return requiredDays(element, 'NoncurrentDays');
}

function readNoncurrentTransition(element: XmlElement): NoncurrentTransition {
  checkChildren(element, 'NoncurrentVersionTransition', NONCURRENT_TRANSITION);
  return {
    noncurrentDays: requiredDays(element, 'NoncurrentDays'),
    storageClass: readTransitionClass(element, '0014-00000062'),
    ...readAccessOptions(element),
  };
}

function readAccessOptions(element: XmlElement): AccessOptions {
  const isAccessTime = readFlag(element, 'IsAccessTime');
  const returnToStdWhenVisit = readFlag(element, 'ReturnToStdWhenVisit');
  const allowSmallFile = readFlag(element, 'AllowSmallFile');
  return {
    ...(isAccessTime !== undefined && { isAccessTime }),
    ...(returnToStdWhenVisit !== undefined && { returnToStdWhenVisit }),
    ...(allowSmallFile !== undefined && { allowSmallFile }),
  };
}

/** @param ec of the refusal when there is more than one time */
function readTime(element: XmlElement, name: string, ec: string): ActionTime | undefined {
  const times: readonly (ActionTime | undefined)[] = [
    hasText(element, 'Days') ? { kind: 'days', days: requiredDays(element, 'Days') } : undefined,
    dateTime(element, 'CreatedBeforeDate', 'created-before'),
    dateTime(element, 'Date', 'date'),
  ];
  const [first, second] = times.filter((time) => time !== undefined);
  if (second) throw malformedXml(`${name} has more than one of Days and dates`, ec);
  return first;
}

function hasText(element: XmlElement, name: string): boolean {
  return textOf(element, name) !== undefined;
}

function requiredDays(element: XmlElement, name: string): number {
  const text = textOf(element, name);
  if (text === undefined) throw malformedXml(`${name} is missing`);
  const days = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (days >= 1 && days <= MAX_DAYS) return days;
  throw invalidArgument(name, text, `${name} is not a positive integer`);
}

function dateTime(element: XmlElement, name: string, kind: 'created-before' | 'date'): ActionTime | undefined {
  const text = textOf(element, name);
  if (text === undefined) return undefined;
  const dateMs = MIDNIGHT.test(text) ? parseIsoTime(text) : Number.NaN;
  if (!Number.isNaN(dateMs)) return { kind, dateMs };
  throw invalidArgument(name, text, `${name} is not a midnight of the form yyyy-MM-ddT00:00:00.000Z`, '0014-00000087');
}

function readTransitionClass(element: XmlElement, ec: string): TransitionClass {
  const text = textOf(element, 'StorageClass');
  if (text === undefined) throw malformedXml('a transition has no StorageClass');
  const storageClass = TRANSITION_CLASSES.find((known) => known === text);
  if (storageClass) return storageClass;
  throw invalidArgument('StorageClass', text, 'Invalid StorageClass', ec);
}

/** In any case: oss2 writes `True`. */
function readFlag(element: XmlElement, name: string): boolean | undefined {
  const text = textOf(element, name);
  if (text === undefined) return undefined;
  const lowered = text.toLowerCase();
  if (lowered === 'true') return true;
  if (lowered === 'false') return false;
  throw invalidArgument(name, text, `${name} is neither true nor false`);
}

/** An unknown child is refused, and so is a second one where one is allowed. */
function checkChildren(element: XmlElement, name: string, { once, repeated = [], ec }: Children): void {
  for (const [child, found] of element.children ?? []) {
    if (repeated.includes(child)) continue;
    if (!once.includes(child)) throw malformedXml(`${child} is not allowed in ${name}`, ec ?? '0014-00000017');
    if (found.length > 1) throw malformedXml(`${name} has more than one ${child}`, '0014-00000089');
  }
}
