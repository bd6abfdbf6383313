/** A write under a lease that is not held any longer. Nothing was written. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';

  constructor(source: string) {
    super(`the lease of ${source} has ended: another node may have it`);
  }
}
