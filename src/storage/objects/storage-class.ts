import type { ObjectRecord } from '../metadata/metadata-store.ts';

/** Source: "Overview of storage classes" page. */
const STORAGE_CLASSES: readonly string[] = ['Standard', 'IA', 'Archive', 'ColdArchive', 'DeepColdArchive'];

/** Stored with an object that names a class of its own. */
export const STORAGE_CLASS_HEADER = 'x-oss-storage-class';

/** The class of an object: its own, or else that of its bucket. */
export function storageClassOf({ headers }: Pick<ObjectRecord, 'headers'>, bucketClass: string): string {
  return headers[STORAGE_CLASS_HEADER] ?? bucketClass;
}

export function isStorageClass(text: string): boolean {
  return STORAGE_CLASSES.includes(text);
}
