import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { UsageError } from '../../src/base/errors.ts';
import { type Config, defaultConfig } from '../../src/config/config.ts';
import { certificateHosts, readTls } from '../../src/config/tls.ts';
import { createSelfSigned } from '../../src/net/certificate/self-signed.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tls-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

function read(options: Partial<Config>) {
  return readTls(defaultConfig({ memory: true, ...options }), NOW_MS);
}

async function given(): Promise<{ tlsCert: string; tlsKey: string }> {
  const path = await folder();
  const made = await createSelfSigned({ commonName: 'given', hosts: [], notBeforeMs: NOW_MS, notAfterMs: NOW_MS });
  const files = { tlsCert: join(path, 'given.pem'), tlsKey: join(path, 'given-key.pem') };
  await writeFile(files.tlsCert, made.certificate);
  await writeFile(files.tlsKey, made.key);
  return files;
}

describe('readTls', () => {
  it('is nothing unless asked for', async () => {
    expect(await read({})).toBeUndefined();
  });

  it('keeps the self-made certificate in the data folder', async () => {
    const options = { tls: true, memory: false, dataDir: await folder() };
    const made = await read(options);
    expect(await read(options)).toEqual(made);
    expect(new X509Certificate(made?.certificate ?? '').checkHost('examplebucket.localhost')).toBeDefined();
  });

  it('reads the given certificate and key', async () => {
    const files = await given();
    const made = await read({ ...files, tls: true });
    expect(new X509Certificate(made?.certificate ?? '').subject).toBe('CN=given');
  });

  it('refuses one without the other, files that are missing, and two that do not belong together', async () => {
    const { tlsCert, tlsKey } = await given();
    const other = await given();
    await expect(read({ tlsCert })).rejects.toThrow(
      new UsageError('--tls-cert and --tls-key belong together; give both, or --tls for a self-made certificate.'),
    );
    await expect(read({ tlsCert: `${tlsCert}.no`, tlsKey })).rejects.toThrow(/--tls-cert .* cannot be read/);
    await expect(read({ tlsCert, tlsKey: other.tlsKey })).rejects.toThrow(/cannot be used: .*key values mismatch/);
  });
});

describe('certificateHosts', () => {
  it('has every name clients may use', () => {
    const hosts = certificateHosts(
      defaultConfig({
        host: '192.0.2.1',
        publicUrl: 'https://media.example.test:9000',
        cnames: [{ host: 'live.example.test', bucket: 'examplebucket' }],
      }),
    );
    expect(hosts).toEqual([
      'localhost',
      'examplebucket.localhost',
      'oss.localhost',
      '*.oss.localhost',
      'live.example.test',
      '127.0.0.1',
      '::1',
      '192.0.2.1',
      'media.example.test',
    ]);
  });

  it('leaves out addresses that nobody connects to', () => {
    expect(certificateHosts(defaultConfig({ host: '0.0.0.0' }))).not.toContain('0.0.0.0');
  });
});
