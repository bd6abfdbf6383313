/** How long a lease runs, as docs/decisions/leases.md says: not read from the code, so that an error there is seen. */
export const LEASE_MS = 10_000;

/** Within this time after its connection was lost, a publisher has its channel again. */
export const PUSHABLE_WITHIN_MS = LEASE_MS + 2_000;
