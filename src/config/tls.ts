import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { errorText } from '../base/error-text.ts';
import { UsageError } from '../base/errors.ts';
import { keptCertificate } from '../net/certificate/kept.ts';
import type { KeyAndCertificate } from '../net/certificate/self-signed.ts';
import type { Config } from './config.ts';

/** Addresses that stand for every address of the machine. No client connects to them, so no certificate names them. */
const ANY_ADDRESS = ['0.0.0.0', '::'];

/**
 * The certificate of the ports: the given one, the self-made one, or none.
 * @throws UsageError when only one of certificate and key is given, or the files cannot be used
 */
export async function readTls(config: Config, nowMs: number): Promise<KeyAndCertificate | undefined> {
  const { tls, tlsCert, tlsKey } = config;
  if (tlsCert !== undefined && tlsKey !== undefined) return readGiven(tlsCert, tlsKey);
  if (tlsCert !== undefined || tlsKey !== undefined) {
    throw new UsageError('--tls-cert and --tls-key belong together; give both, or --tls for a self-made certificate.');
  }
  if (!tls) return undefined;
  const hosts = certificateHosts(config);
  return keptCertificate({ folder: tlsFolder(config), commonName: 'OSS LiveChannel emulator', hosts, nowMs });
}

/** The folder of the self-made certificate; undefined when nothing is kept on disk. */
export function tlsFolder({ memory, dataDir }: Config): string | undefined {
  return memory ? undefined : join(dataDir, 'tls');
}

/**
 * Every name that a client may use for the emulator. Clients accept no wildcard below a domain of one label, such as
 * localhost (RFC 6125, 7.2, as OpenSSL implements it), so the configured buckets are listed there by name.
 */
export function certificateHosts(config: Config): readonly string[] {
  const { domains, buckets, cnames, host, publicUrl } = config;
  const names = domains.flatMap((domain) => {
    if (isIP(domain) !== 0) return [domain];
    return [domain, ...(domain.includes('.') ? [`*.${domain}`] : buckets.map(({ name }) => `${name}.${domain}`))];
  });
  names.push(...cnames.map((cname) => cname.host), '127.0.0.1', '::1');
  if (!ANY_ADDRESS.includes(host)) names.push(host);
  if (publicUrl !== undefined) names.push(new URL(publicUrl).hostname.replace(/^\[|\]$/g, ''));
  return [...new Set(names)];
}

async function readGiven(certificatePath: string, keyPath: string): Promise<KeyAndCertificate> {
  const given = {
    certificate: await readPem('--tls-cert', certificatePath),
    key: await readPem('--tls-key', keyPath),
  };
  try {
    createSecureContext({ cert: given.certificate, key: given.key });
  } catch (error) {
    const reason = errorText(error);
    throw new UsageError(`--tls-cert ${certificatePath} and --tls-key ${keyPath} cannot be used: ${reason}.`);
  }
  return given;
}

async function readPem(flag: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${flag} ${path} cannot be read: ${errorText(error)}.`);
  }
}
