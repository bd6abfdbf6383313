import type { ObjectRecord } from '../metadata/records.ts';
import { STORAGE_CLASS_HEADER } from './stored-headers.ts';

/** Source: "Overview of storage classes" page. */
const STORAGE_CLASSES: readonly string[] = ['Standard', 'IA', 'Archive', 'ColdArchive', 'DeepColdArchive'];

/** The class of an object: its own, or else that of its bucket. */
export function storageClassOf({ headers }: Pick<ObjectRecord, 'headers'>, bucketClass: string): string {
  return headers[STORAGE_CLASS_HEADER] ?? bucketClass;
}

export function isStorageClass(text: string): boolean {
  return STORAGE_CLASSES.includes(text);
}
