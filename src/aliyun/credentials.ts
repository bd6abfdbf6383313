import { UsageError } from '../base/errors.ts';
import { readJsonFile } from '../base/named-file.ts';
import { isAccessKeyId } from './auth/access-keys.ts';
import type { AccessKey, KeyRing } from './auth/signed-request.ts';

/** Keys that are added while the emulator runs. */
export type AddedKeys = Pick<KeyRing, 'find' | 'ofToken'>;

/** The keys of one emulator; a later key replaces an earlier one of the same id, and an added key replaces none. */
export function createKeyRing(keys: readonly AccessKey[], added?: AddedKeys): KeyRing {
  const byId = new Map(keys.map((key) => [key.accessKeyId, key]));
  return {
    find: (accessKeyId) => byId.get(accessKeyId) ?? added?.find(accessKeyId),
    all: () => byId.values(),
    ofToken: (token) => keys.find(({ securityToken }) => securityToken === token) ?? added?.ofToken(token),
  };
}

const FIELDS = ['accessKeyId', 'accessKeySecret', 'securityToken', 'expiration', 'uid', 'readOnly', 'disabled'];

/**
 * Reads `[{"accessKeyId", "accessKeySecret", "securityToken"?, "expiration"? (ISO 8601), "uid"?, "readOnly"?, "disabled"?}]`.
 *
 * @throws UsageError when the file cannot be read or a field is wrong
 */
export function readCredentialsFile(path: string): readonly AccessKey[] {
  const parsed = readJsonFile(path, '--credentials');
  if (!Array.isArray(parsed)) throw new UsageError(`--credentials ${path} must hold a JSON array of keys.`);
  return parsed.map((entry, index) => readKey(entry, `--credentials ${path}, entry ${index + 1}`));
}

function readKey(entry: unknown, where: string): AccessKey {
  if (typeof entry !== 'object' || entry === null) throw new UsageError(`${where} must be an object.`);
  const fields = new Map<string, unknown>(Object.entries(entry));
  for (const name of fields.keys()) {
    if (!FIELDS.includes(name))
      throw new UsageError(`${where}: unknown field "${name}"; known are ${FIELDS.join(', ')}.`);
  }
  const text = (name: string): string | undefined => {
    const value = fields.get(name);
    if (value === undefined) return undefined;
    if (typeof value === 'string' && value !== '') return value;
    throw new UsageError(`${where}: ${name} must be a text that is not empty.`);
  };
  const accessKeyId = text('accessKeyId');
  const accessKeySecret = text('accessKeySecret');
  if (!accessKeyId || !accessKeySecret) throw new UsageError(`${where} needs accessKeyId and accessKeySecret.`);
  if (!isAccessKeyId(accessKeyId)) {
    throw new UsageError(`${where}: accessKeyId may hold letters, digits, dots, dashes and underscores only.`);
  }
  const securityToken = text('securityToken');
  const expiration = text('expiration');
  const expiresMs = expiration === undefined ? undefined : Date.parse(expiration);
  if (Number.isNaN(expiresMs)) throw new UsageError(`${where}: expiration must be an ISO 8601 time.`);
  const uid = text('uid');
  if (uid !== undefined && !isAccountId(uid)) throw new UsageError(`${where}: uid must be a number of 1 to 32 digits.`);
  const flag = (name: string): boolean => {
    const value = fields.get(name) ?? false;
    if (typeof value === 'boolean') return value;
    throw new UsageError(`${where}: ${name} must be true or false.`);
  };
  return {
    accessKeyId,
    accessKeySecret,
    readOnly: flag('readOnly'),
    disabled: flag('disabled'),
    ...(uid === undefined ? {} : { uid }),
    ...(securityToken === undefined ? {} : { securityToken }),
    ...(expiresMs === undefined ? {} : { expiresMs }),
  };
}

/** Whether a text can be the UID of an account. */
export function isAccountId(text: string): boolean {
  return /^\d{1,32}$/.test(text);
}
