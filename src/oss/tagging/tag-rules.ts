/**
 * The rules of tags. Sources: PutObjectTagging and PutBucketTags pages, and the pages of the EC at each refusal.
 */
import type { TagInput } from '../../aliyun/xml/bucket-documents.ts';
import { OssError } from '../../base/errors.ts';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

const MAX_OBJECT_TAGS = 10;
const MAX_OBJECT_KEY_CHARS = 128;
const MAX_OBJECT_VALUE_CHARS = 256;
/** Letters of every script, although the page names only those of English: the tests of the SDKs use Chinese ones. */
const OBJECT_TAG_TEXT = /^[\p{L}\p{M}\p{N} +\-=._:/]*$/u;

const MAX_BUCKET_TAGS = 20;
const MAX_BUCKET_KEY_CHARS = 64;
const MAX_BUCKET_VALUE_CHARS = 128;
const RESERVED_KEY = /^(https?:\/\/|aliyun)/i;

/** @throws OssError InvalidArgument when the tags of an object break a rule */
export function checkObjectTags(tags: readonly TagInput[]): readonly Tag[] {
  if (tags.length > MAX_OBJECT_TAGS) throw invalidTags(`An object can have up to ${MAX_OBJECT_TAGS} tags.`);
  return checkKeys(tags, ({ key, value }) => {
    if (charsOf(key) > MAX_OBJECT_KEY_CHARS) {
      throw invalidTags(`The key of a tag can have up to ${MAX_OBJECT_KEY_CHARS} characters.`, key, '0010-00000209');
    }
    if (charsOf(value) > MAX_OBJECT_VALUE_CHARS) {
      throw invalidTags(`The value of a tag can have up to ${MAX_OBJECT_VALUE_CHARS} characters.`, value);
    }
    const unfit = [key, value].find((text) => !OBJECT_TAG_TEXT.test(text));
    if (unfit === undefined) return;
    throw invalidTags('A tag has a character that tags cannot have.', unfit, '0010-00000217');
  });
}

/** @throws OssError InvalidArgument when the tags of a bucket break a rule */
export function checkBucketTags(tags: readonly TagInput[]): readonly Tag[] {
  if (tags.length > MAX_BUCKET_TAGS) throw invalidTags(`A bucket can have up to ${MAX_BUCKET_TAGS} tags.`);
  return checkKeys(tags, ({ key, value }) => {
    if (RESERVED_KEY.test(key)) {
      throw invalidTags('The key of a tag must not begin with http://, https:// or Aliyun.', key, '0010-00000207');
    }
    if (/^acs/i.test(key)) throw invalidTags('The key of a tag must not begin with acs.', key, '0010-00000002');
    if (charsOf(key) > MAX_BUCKET_KEY_CHARS) {
      throw invalidTags(`The key of a tag can have up to ${MAX_BUCKET_KEY_CHARS} characters.`, key, '0010-00000219');
    }
    if (charsOf(value) > MAX_BUCKET_VALUE_CHARS) {
      const message = `The value of a tag can have up to ${MAX_BUCKET_VALUE_CHARS} characters.`;
      throw invalidTags(message, value, '0010-00000219');
    }
  });
}

/**
 * Tags as the header `x-oss-tagging` has them: `key=value&key`, percent-encoded, a plus for a blank.
 *
 * @throws OssError InvalidArgument
 */
export function readTagPairs(text: string): readonly TagInput[] {
  if (text === '') return [];
  return text.split('&').map((pair) => {
    const [key = '', value = '', ...others] = pair.split('=');
    if (others.length > 0) throw invalidTags('A tag must have the form key or key=value.', pair, '0010-00000219');
    return { key: decodeTag(key), value: decodeTag(value) };
  });
}

/** Tags that are stored with an object, whatever rules they were stored by. */
export function storedTags(text: string): readonly Tag[] {
  return [...new URLSearchParams(text)].map(([key, value]) => ({ key, value }));
}

export function writeTagPairs(tags: readonly Tag[]): string {
  return tags.map(({ key, value }) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&');
}

function checkKeys(tags: readonly TagInput[], checkTag: (tag: Tag) => void): readonly Tag[] {
  const keys = new Set<string>();
  return tags.map(({ key = '', value = '' }) => {
    if (key === '') throw invalidTags('The key of a tag must not be empty.', key, '0010-00000219');
    if (keys.has(key)) throw invalidTags('The keys of tags must be different.', key, '0010-00000210');
    keys.add(key);
    checkTag({ key, value });
    return { key, value };
  });
}

function decodeTag(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw invalidTags('A tag is not URL-encoded UTF-8.', text, '0010-00000216');
  }
}

function charsOf(text: string): number {
  return [...text].length;
}

function invalidTags(message: string, value?: string, ec?: string): OssError {
  return new OssError('InvalidArgument', message, {
    ...(ec !== undefined && { ec }),
    details: { ArgumentName: 'Tagging', ...(value !== undefined && { ArgumentValue: value }) },
  });
}
