/** Names of headers that are stored with an object and have a meaning here. */
export const TAGGING_HEADER = 'x-oss-tagging';
/** Absent: the storage class of the bucket. */
export const STORAGE_CLASS_HEADER = 'x-oss-storage-class';
