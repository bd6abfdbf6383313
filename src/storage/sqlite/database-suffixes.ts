/** Of the files of a database: what was not written back from the log belongs to it. */
export const DATABASE_SUFFIXES: readonly string[] = ['', '-wal', '-shm'];
