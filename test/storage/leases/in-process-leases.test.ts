import { describe, expect, it } from 'vitest';
import { createInProcessLeases } from '../../../src/storage/leases/in-process-leases.ts';
import { leasesContract } from '../../contract/leases.ts';

describe('leases of a single process', () => {
  leasesContract(async () => createInProcessLeases());

  it('have nothing to check, and a present holder is never outlived', async () => {
    const leases = createInProcessLeases();
    const { lease } = await leases.acquire({ source: 'b/c', sessionId: 's' });
    expect(lease?.fence).toBeUndefined();
    const { holder } = await leases.acquire({ source: 'b/c', sessionId: 't' });
    expect(holder && (await leases.outlive(holder))).toBe(false);
  });
});
