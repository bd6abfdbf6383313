/** What a backup contains. */
export interface BackedUp {
  readonly folder: string;
  readonly files: number;
  readonly sizeBytes: number;
  /** Files that rows name, but that were not there, or are something else: somebody has deleted or replaced them. */
  readonly missing: number;
  /** Files that have another size than what was stored; they are copied as they are. */
  readonly changed: number;
}
