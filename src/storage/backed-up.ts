/** What a backup contains. */
export interface BackedUp {
  readonly folder: string;
  readonly files: number;
  readonly sizeBytes: number;
  /** Files that rows name, but that were not there: somebody has deleted them. */
  readonly missing: number;
}
