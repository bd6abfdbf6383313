/** Reads the parameters of an operation in the forms that the SDKs send. */
import { parseRpcTime } from '../aliyun/auth/rpc-time.ts';
import { RpcError, type RpcErrorCode } from '../aliyun/rpc-error.ts';
import { parseJson } from '../base/encoded-json.ts';

/** Decoded values by name. */
export type Parameters = ReadonlyMap<string, string>;

/** An empty text is treated as absent, because some SDKs send every parameter. */
export function optionalText(parameters: Parameters, name: string): string | undefined {
  return parameters.get(name) || undefined;
}

/**
 * The value of a parameter that the operation requires.
 * @throws RpcError Missing{name}
 */
export function requiredText(parameters: Parameters, name: string): string {
  const value = parameters.get(name);
  if (value) return value;
  throw new RpcError(`Missing${name}`);
}

/**
 * `true`, `false`, `1` or `0` in upper or lower case, because Python writes `True`.
 * @throws RpcError `code`
 */
export function optionalBoolean(
  parameters: Parameters,
  name: string,
  code: RpcErrorCode = 'InvalidParams',
): boolean | undefined {
  const text = optionalText(parameters, name)?.toLowerCase();
  if (text === undefined) return undefined;
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw new RpcError(code, { reason: `${name} must be true or false, not "${text}"` });
}

/** @throws RpcError `code` */
export function optionalInteger(
  parameters: Parameters,
  name: string,
  code: RpcErrorCode = 'InvalidParams',
): number | undefined {
  const text = optionalText(parameters, name);
  if (text === undefined) return undefined;
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new RpcError(code, { reason: `${name} must be an integer, not "${text}"` });
}

/**
 * A UTC time with seconds, in milliseconds since the epoch.
 * @throws RpcError `code`
 */
export function optionalTime(parameters: Parameters, name: string, code: RpcErrorCode): number | undefined {
  const text = optionalText(parameters, name);
  if (text === undefined) return undefined;
  const ms = parseRpcTime(text);
  if (ms !== undefined) return ms;
  throw new RpcError(code, { reason: `${name} must be a time such as 2024-12-31T23:45:00Z, not "${text}"` });
}

/** @throws RpcError Missing{name}, `code` */
export function requiredTime(parameters: Parameters, name: string, code: RpcErrorCode): number {
  const ms = optionalTime(parameters, name, code);
  if (ms !== undefined) return ms;
  throw new RpcError(`Missing${name}`);
}

/**
 * One of some words; the first is the default.
 * @throws RpcError InvalidParams
 */
export function optionalChoice<const Word extends string>(
  parameters: Parameters,
  name: string,
  words: readonly [Word, ...Word[]],
): Word {
  const text = optionalText(parameters, name);
  if (text === undefined) return words[0];
  const word = words.find((candidate) => candidate === text);
  if (word !== undefined) return word;
  throw new RpcError('InvalidParams', { reason: `${name} must be one of ${words.join(', ')}, not "${text}"` });
}

/** `Name.1=a&Name.2=b` in the order of the numbers, or all in the bare name: a JSON array, or separated by commas. */
export function readList(parameters: Parameters, name: string): readonly string[] {
  const numbered: [number, string][] = [];
  for (const [key, value] of parameters) {
    const number = key.startsWith(`${name}.`) ? key.slice(name.length + 1) : '';
    if (/^\d+$/.test(number)) numbered.push([Number(number), value]);
  }
  if (numbered.length > 0) return numbered.toSorted(([a], [b]) => a - b).map(([, value]) => value);
  const bare = optionalText(parameters, name);
  if (bare === undefined) return [];
  const array = parseJsonArray(bare);
  return array ? array.map(String) : bare.split(',');
}

/** `Name.1.Field=a&Name.2.Field=b`, or a JSON array of objects in the bare name; each as its fields. */
export function readObjects(parameters: Parameters, name: string): readonly Parameters[] {
  const byNumber = new Map<number, Map<string, string>>();
  for (const [key, value] of parameters) {
    if (!key.startsWith(`${name}.`)) continue;
    const [number = '', ...field] = key.slice(name.length + 1).split('.');
    if (!/^\d+$/.test(number) || field.length === 0) continue;
    const fields = byNumber.get(Number(number)) ?? new Map<string, string>();
    byNumber.set(Number(number), fields.set(field.join('.'), value));
  }
  if (byNumber.size > 0) return [...byNumber].toSorted(([a], [b]) => a - b).map(([, fields]) => fields);
  return (parseJsonArray(optionalText(parameters, name) ?? '') ?? []).map(fieldsOf);
}

/** Whether a parameter is present in any of its forms. */
export function hasParameter(parameters: Parameters, name: string): boolean {
  if (optionalText(parameters, name) !== undefined) return true;
  for (const key of parameters.keys()) {
    if (key.startsWith(`${name}.`)) return true;
  }
  return false;
}

function parseJsonArray(text: string): readonly unknown[] | undefined {
  if (!text.startsWith('[')) return undefined;
  const parsed = parseJson(text);
  return Array.isArray(parsed) ? parsed : undefined;
}

function fieldsOf(value: unknown): Parameters {
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(Object.entries(value).map(([field, content]) => [field, String(content)]));
}
