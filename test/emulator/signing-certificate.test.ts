import { expect, it, onTestFinished } from 'vitest';
import { sharedSigningCertificate } from '../../src/emulator/signing-certificate.ts';
import { openSqliteStore } from '../../src/storage/metadata/sqlite.ts';

it('is the same for all nodes, also when they sign for the first time at once', async () => {
  const metadata = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => metadata.close());
  const nodes = [sharedSigningCertificate(metadata), sharedSigningCertificate(metadata)];
  const certificates = await Promise.all(nodes.map((signing) => signing()));
  certificates.push(await sharedSigningCertificate(metadata)());
  expect(new Set(certificates.map(({ certificate, key }) => certificate + key)).size).toBe(1);
});
