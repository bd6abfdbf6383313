import { readdir } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { defaultConfig } from '../../src/config/config.ts';
import { sharedSigningCertificate, signingCertificate } from '../../src/emulator/signing-certificate.ts';
import { openSqliteStore } from '../../src/storage/metadata/sqlite.ts';
import { temporaryFolder } from '../e2e/command.ts';

it('is the same for all nodes, also when they sign for the first time at once', async () => {
  const metadata = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => metadata.close());
  const nodes = [sharedSigningCertificate(metadata), sharedSigningCertificate(metadata)];
  const certificates = await Promise.all(nodes.map((signing) => signing()));
  certificates.push(await sharedSigningCertificate(metadata)());
  expect(new Set(certificates.map(({ certificate, key }) => certificate + key)).size).toBe(1);
});

it('is kept in the data folder, but not in another one that has come into its place', async () => {
  const dataDir = await temporaryFolder();
  const config = defaultConfig({ memory: false, dataDir });
  const kept = await signingCertificate(config, () => true)();
  expect(await readdir(dataDir)).toEqual(['mns']);
  expect(await signingCertificate(config, () => true)()).toEqual(kept);
  expect(await signingCertificate(config, () => false)()).not.toEqual(kept);
});
