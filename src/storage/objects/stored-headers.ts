/** The names of headers that are stored with an object and mean something here. Absent: the class of the bucket. */
export const STORAGE_CLASS_HEADER = 'x-oss-storage-class';
