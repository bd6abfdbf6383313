import { createHash, randomUUID } from 'node:crypto';
import { join, posix } from 'node:path';
import { isBucketName } from '../../../base/bucket-name.ts';
import { LocationNotFound, type ObjectHint } from '../object-store.ts';

/** File systems allow 255 bytes in a name; the rest is for suffixes. */
const MAX_NAME_BYTES = 200;
/** Longer paths become one flat name, so that the whole path is within the limit of every system (macOS: 1,024). */
const MAX_TREE_BYTES = 512;
const FLAT_ATTEMPTS = 8;

/** Characters that a file system forbids or a shell interprets; a leading dot would hide the file. */
const AWKWARD = /[\p{Cc}\p{Cs}%\\/:*?"<>|]|^\.|[. ]$/gu;
/** Windows opens a device under these names, with any extension. Source: Naming Files, Paths, and Namespaces. */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(?= *(\.|$))/i;
/** No `..`, no hidden file, and no character that ends or divides a path. */
const SAFE_NAME = /^[^.\0\\][^\0\\]*$/u;

/**
 * Locations for a byte string, the most recognizable first: the key itself as a path below its bucket, then the same
 * with a random suffix before the extension, then a flat name, which is possible even when a parent of the path is a
 * file.
 *
 * A location is a relative path with `/` between its names. The key cannot always be derived from it.
 */
export function* candidateLocations({ bucket, key }: ObjectHint): Generator<string> {
  const folder = toFileName(bucket);
  const flat = () => `${folder}/${toFileName(key)}`;
  const tree = [folder, ...key.split('/').map(toFileName)].join('/');
  const natural = Buffer.byteLength(tree) <= MAX_TREE_BYTES ? tree : flat();
  yield natural;
  yield withRandomSuffix(natural);
  for (let attempt = 0; attempt < FLAT_ATTEMPTS; attempt++) yield withRandomSuffix(flat());
}

/**
 * The path of a location below `root`.
 *
 * @throws LocationNotFound when it is not below `root`
 */
export function resolveLocation(root: string, location: string): string {
  if (!location.split('/').every((name) => SAFE_NAME.test(name))) throw new LocationNotFound(location);
  return join(root, location);
}

/** Whether a file or folder of this name may be one of a store: in its root lie the folders of buckets, and nothing else. */
export function isStoredName(name: string, isInRoot: boolean): boolean {
  return isInRoot ? isBucketName(name) || isBucketName(ofDevice(name)) : SAFE_NAME.test(name);
}

/** The name of the bucket that has the name of a device, such as `con` for `%63on`. */
function ofDevice(folder: string): string {
  return folder.replace(/^%([0-9A-F]{2})/, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Whether a location is one of files. Bytes that are made when they are read have none. */
export function isFileLocation(location: string): boolean {
  const [bucket = '', ...names] = location.split('/');
  return isStoredName(bucket, true) && names.length > 0 && names.every((name) => isStoredName(name, false));
}

/**
 * A file name that resembles `name`, can be made on every system, and is another one than that of every other name, also on a disk
 * that takes `A` for `a`, or `é` in two characters for `é` in one. A name for which that needs it gets a suffix of its own.
 */
export function toFileName(name: string): string {
  if (name === '') return '%';
  const possible = name.normalize('NFC').replace(AWKWARD, percentEncode).replace(DEVICE, encodeFirst);
  const short = truncate(possible, MAX_NAME_BYTES);
  return short === possible && folded(name) === name ? possible : withSuffix(short, hashOf(name));
}

/** Equal for names that some file system takes for one and the same. By way of capitals, because `ς` and `σ` have the same one. */
function folded(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase();
}

function hashOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 8);
}

function encodeFirst(device: string): string {
  return `${percentEncode(device.slice(0, 1))}${device.slice(1)}`;
}

function percentEncode(character: string): string {
  return Buffer.from(character).toString('hex').toUpperCase().replace(/../g, '%$&');
}

function truncate(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const cut = Buffer.from(text).subarray(0, maxBytes).toString();
  return cut.replace(/\uFFFD$/, '');
}

function withRandomSuffix(location: string): string {
  const { dir, base } = posix.parse(location);
  return `${dir}/${withSuffix(base, randomUUID().slice(0, 8))}`;
}

/** Before the extension, as far as there is one: a name must not end with a dot or a space. */
function withSuffix(fileName: string, suffix: string): string {
  const { name, ext } = posix.parse(fileName);
  return /[. ]$/.test(ext) ? `${fileName}~${suffix}` : `${name}~${suffix}${ext}`;
}
