import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { certificatePath, type KeptCertificateOptions, keptCertificate } from '../../../src/net/certificate/kept.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 24 * 60 * 60 * 1000;

async function options(): Promise<KeptCertificateOptions & { folder: string }> {
  const parent = await mkdtemp(join(tmpdir(), 'kept-certificate-'));
  onTestFinished(() => rm(parent, { recursive: true }));
  return {
    folder: join(parent, 'tls'),
    commonName: 'test',
    hosts: ['localhost', '*.oss.localhost', '::1'],
    nowMs: NOW_MS,
  };
}

it('makes a certificate once and keeps it, the key for its owner only', async () => {
  const first = await options();
  const made = await keptCertificate(first);
  expect(await keptCertificate({ ...first, nowMs: NOW_MS + 700 * DAY_MS })).toEqual(made);
  expect(await readFile(certificatePath(first.folder), 'utf8')).toBe(made.certificate);
  expect((await stat(join(first.folder, 'key.pem'))).mode & 0o077).toBe(0);
});

it.each([
  ['it ends soon', { nowMs: NOW_MS + 800 * DAY_MS }],
  ['it has not begun', { nowMs: NOW_MS - 2 * DAY_MS }],
  ['it lacks a host', { hosts: ['localhost', 'media.example.test'] }],
])('makes another when %s', async (_, change) => {
  const first = await options();
  const made = await keptCertificate(first);
  expect((await keptCertificate({ ...first, ...change })).certificate).not.toBe(made.certificate);
});

it('makes another in place of files that are broken or do not belong together', async () => {
  const first = await options();
  const made = await keptCertificate(first);
  await writeFile(certificatePath(first.folder), 'not a certificate');
  const second = await keptCertificate(first);
  await writeFile(certificatePath(first.folder), made.certificate);
  const third = await keptCertificate(first);
  expect(new Set([made, second, third].map(({ certificate }) => certificate)).size).toBe(3);
});

it('keeps nothing without a folder', async () => {
  const { certificate } = await keptCertificate({ ...(await options()), folder: undefined });
  expect(certificate).toContain('BEGIN CERTIFICATE');
});
