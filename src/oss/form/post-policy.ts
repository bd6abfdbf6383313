/**
 * The policy of a form: what its fields must be, and how large its file. Sources: "Appendix: Policy" of the PostObject page,
 * EC pages 0006-00000003 and 4, 0006-00000201 to 227, "How to handle common errors when the PostObject operation is called".
 */
import type { FormFields } from '../../aliyun/auth/authenticate-form.ts';
import { parseIsoTime } from '../../base/dates.ts';
import { decodeBase64, decodeUtf8, jsonMembers, parseJsonObject } from '../../base/encoded-json.ts';
import { OssError } from '../../base/errors.ts';

/** The sizes in bytes that the file may have. */
export interface SizeRange {
  readonly min: number;
  readonly max: number;
}

interface PostPolicy {
  readonly expiresMs: number;
  readonly conditions: readonly Condition[];
}

type Condition =
  | { readonly mode: 'eq' | 'starts-with'; readonly field: string; readonly value: string }
  | { readonly mode: 'in' | 'not-in'; readonly field: string; readonly values: readonly string[] }
  | { readonly mode: 'content-length-range'; readonly range: SizeRange };

/** Without a condition a form may upload 5 GB (PostObject page). */
const MAX_SIZE_BYTES = 5 * 1024 ** 3;
/** Other forms, such as `2023-02-19 13:19:00`, are refused (EC page 0006-00000212). */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/**
 * Checks a form against its policy; returns the sizes that its file may have.
 *
 * @param bucket compared with conditions on `bucket`, which is no field
 * @throws OssError InvalidPolicyDocument, AccessDenied
 */
export function checkPostPolicy(fields: FormFields, bucket: string, nowMs: number): SizeRange {
  const encoded = fields.get('policy');
  if (encoded === undefined) return { min: 0, max: MAX_SIZE_BYTES };
  const { expiresMs, conditions } = readPostPolicy(encoded);
  if (nowMs > expiresMs) throw denied('0006-00000213', 'Policy expired.');
  let { min, max } = { min: 0, max: MAX_SIZE_BYTES };
  for (const condition of conditions) {
    if (condition.mode === 'content-length-range') {
      min = Math.max(min, condition.range.min);
      max = Math.min(max, condition.range.max);
    } else {
      checkCondition(condition, condition.field === 'bucket' ? bucket : fields.get(condition.field));
    }
  }
  return { min, max };
}

/**
 * The bytes of a file, as long as its size is allowed.
 * @throws OssError EntityTooLarge, EntityTooSmall
 */
export async function* checkSize(chunks: AsyncIterable<Buffer>, { min, max }: SizeRange): AsyncGenerator<Buffer> {
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > max) {
      throw new OssError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size.', {
        ec: '0006-00000003',
        details: { MaxSizeAllowed: String(max) },
      });
    }
    yield chunk;
  }
  if (sizeBytes >= min) return;
  throw new OssError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size.', {
    ec: '0006-00000004',
    details: { MinSizeAllowed: String(min), ProposedSize: String(sizeBytes) },
  });
}

function checkCondition(
  condition: Exclude<Condition, { mode: 'content-length-range' }>,
  value: string | undefined,
): void {
  const { mode, field } = condition;
  if (value !== undefined && fits(condition, value)) return;
  const wanted = 'values' in condition ? condition.values : condition.value;
  const shown = `["${mode}", "$${field}", ${JSON.stringify(wanted)}]`;
  throw denied(value === undefined ? '0006-00000226' : '0006-00000227', `Policy Condition failed: ${shown}`);
}

function fits(condition: Exclude<Condition, { mode: 'content-length-range' }>, value: string): boolean {
  switch (condition.mode) {
    case 'eq':
      return value === condition.value;
    case 'starts-with':
      return value.startsWith(condition.value);
    case 'in':
      return condition.values.includes(value);
    case 'not-in':
      return !condition.values.includes(value);
  }
}

function readPostPolicy(encoded: string): PostPolicy {
  const bytes = decodeBase64(encoded);
  if (!bytes) throw invalidPolicy('0006-00000202', 'it is not Base64.');
  const text = decodeUtf8(bytes);
  if (text === undefined) throw invalidPolicy('0006-00000203', 'it is not UTF-8.');
  const members = parseJsonObject(withoutDollarEscapes(text));
  if (!members) throw invalidPolicy('0006-00000204', 'Invalid JSON.');
  const [expiration, conditions] = [members.get('expiration'), members.get('conditions')];
  if (expiration === undefined && conditions === undefined) {
    throw invalidPolicy('0006-00000209', 'there is neither expiration nor conditions.');
  }
  if (expiration === undefined) throw invalidPolicy('0006-00000208', 'Policy missing expiration.');
  if (conditions === undefined) throw invalidPolicy('0006-00000207', 'Policy missing conditions.');
  if (!Array.isArray(conditions)) throw invalidPolicy('0006-00000201', 'conditions must be a list.');
  return { expiresMs: readExpiration(expiration), conditions: conditions.map(readCondition) };
}

/** A dollar sign may be written `\$` (PostObject page), which JSON does not know. */
function withoutDollarEscapes(text: string): string {
  return text.replace(/\\(.)/gs, (escaped, character) => (character === '$' ? '$' : escaped));
}

function readExpiration(value: unknown): number {
  if (typeof value !== 'string') throw invalidPolicy('0006-00000210', 'expiration must be a text.');
  if (value === '') throw invalidPolicy('0006-00000211', 'expiration is empty.');
  const expiresMs = ISO_TIME.test(value) ? parseIsoTime(value) : Number.NaN;
  if (!Number.isNaN(expiresMs)) return expiresMs;
  throw invalidPolicy('0006-00000212', `Invalid 'expiration' value: '${value}'`);
}

function readCondition(condition: unknown): Condition {
  if (Array.isArray(condition)) return readListCondition(condition);
  const members = jsonMembers(condition);
  if (!members) throw invalidPolicy('0006-00000222', 'a condition is neither an object nor a list.');
  const [[field, value] = ['', undefined], ...others] = members;
  if (field === '' || others.length > 0) {
    const message = 'Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.';
    throw invalidPolicy('0006-00000201', message);
  }
  return { mode: 'eq', field: fieldName(field), value: readText(value) };
}

function readListCondition([mode, field, value, ...others]: readonly unknown[]): Condition {
  if (mode === 'content-length-range') return { mode, range: readSizeRange(field, value) };
  const isKnown = mode === 'eq' || mode === 'starts-with' || mode === 'in' || mode === 'not-in';
  if (!isKnown) throw invalidPolicy('0006-00000216', 'a condition has no known matching mode.');
  if (typeof field !== 'string' || others.length > 0) {
    throw invalidPolicy('0006-00000201', 'a condition is not [mode, field, value].');
  }
  if (mode === 'eq' || mode === 'starts-with') return { mode, field: fieldName(field), value: readText(value) };
  if (!Array.isArray(value)) throw invalidPolicy('0006-00000201', `the condition ${mode} needs a list of values.`);
  return { mode, field: fieldName(field), values: value.map(readText) };
}

/** Whole numbers, the second at least as large as the first (EC pages 0006-00000219 and 221). */
function readSizeRange(min: unknown, max: unknown): SizeRange {
  if (!isSize(min) || !isSize(max)) {
    throw invalidPolicy('0006-00000221', 'content-length-range needs two whole numbers that are not negative.');
  }
  if (max < min) throw invalidPolicy('0006-00000219', 'content-length-range ends before it begins.');
  return { min, max };
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Numbers stand for their text, because policies are written by programs that do not distinguish `200` from `"200"`. */
function readText(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw invalidPolicy('0006-00000201', 'the value of a condition must be a text.');
}

/** The pages write fields with and without the dollar sign. */
function fieldName(field: string): string {
  return field.replace(/^\$/, '').toLowerCase();
}

function denied(ec: string, message: string): OssError {
  return new OssError('AccessDenied', `Invalid according to Policy: ${message}`, { ec, reason: message });
}

function invalidPolicy(ec: string, message: string): OssError {
  return new OssError('InvalidPolicyDocument', `Invalid Policy: ${message}`, { ec, reason: message });
}
