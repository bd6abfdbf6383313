import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { hasErrorCode } from '../../base/error-code.ts';
import { makePrivateFolder, PRIVATE_FILE } from '../../base/private-paths.ts';
import { createSelfSigned, type KeyAndCertificate } from './self-signed.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Clients of Apple trust no server certificate with a longer lifetime (support.apple.com/103769). */
const LIFETIME_MS = 825 * DAY_MS;
/** A client whose clock is a little behind must accept it too. */
const BACKDATED_MS = DAY_MS;
/** A certificate that expires within this time is replaced at the next start. */
const RENEW_MS = 30 * DAY_MS;

export interface KeptCertificateOptions {
  /** The folder of key and certificate; undefined keeps them in memory only. */
  readonly folder: string | undefined;
  readonly commonName: string;
  readonly hosts: readonly string[];
  readonly nowMs: number;
}

/**
 * The self-signed certificate in `folder`: it is kept so that a client has to be configured to trust it only once. A
 * new one is made when there is none, when it expires soon, or when one of the hosts is missing in it.
 */
export async function keptCertificate(options: KeptCertificateOptions): Promise<KeyAndCertificate> {
  const { folder, commonName, hosts, nowMs } = options;
  const kept = folder === undefined ? undefined : await readKept(folder);
  if (kept && isGood(kept, hosts, nowMs)) return kept;
  const made = await createSelfSigned({
    commonName,
    hosts,
    notBeforeMs: nowMs - BACKDATED_MS,
    notAfterMs: nowMs + LIFETIME_MS,
  });
  if (folder !== undefined) await keep(folder, made);
  return made;
}

export function certificatePath(folder: string): string {
  return join(folder, 'cert.pem');
}

function keyPath(folder: string): string {
  return join(folder, 'key.pem');
}

async function readKept(folder: string): Promise<KeyAndCertificate | undefined> {
  try {
    const key = await readFile(keyPath(folder), 'utf8');
    return { key, certificate: await readFile(certificatePath(folder), 'utf8') };
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Each file is written under another name and renamed. After a crash between the two, the pair does not match and is
 * made again.
 */
async function keep(folder: string, { key, certificate }: KeyAndCertificate): Promise<void> {
  makePrivateFolder(folder, { evenIfThere: true });
  for (const [path, text] of [
    [keyPath(folder), key],
    [certificatePath(folder), certificate],
  ] as const) {
    await writeFile(`${path}.tmp`, text, { mode: PRIVATE_FILE });
    await rename(`${path}.tmp`, path);
  }
}

function isGood({ key, certificate }: KeyAndCertificate, hosts: readonly string[], nowMs: number): boolean {
  const parsed = parse(key, certificate);
  if (!parsed || Date.parse(parsed.validTo) - nowMs < RENEW_MS || Date.parse(parsed.validFrom) > nowMs) return false;
  return hosts.every((host) => covers(parsed, host));
}

/** Undefined when one of the two cannot be read, or when they are no pair. */
function parse(key: string, certificate: string): X509Certificate | undefined {
  try {
    const parsed = new X509Certificate(certificate);
    return parsed.checkPrivateKey(createPrivateKey(key)) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function covers(certificate: X509Certificate, host: string): boolean {
  if (isIP(host) !== 0) return certificate.checkIP(host) !== undefined;
  return certificate.checkHost(host.replace(/^\*\./, 'any.')) !== undefined;
}
