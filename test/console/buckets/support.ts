/** Buckets and objects for the tests of the page, and files to drop on it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

export interface StoredObject {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** A signed request as the page makes it, without the page. */
export async function signedRequest(
  endpoint: string,
  request: Readonly<Record<string, unknown>>,
  body?: string | Buffer,
): Promise<StoredObject> {
  const presigned = await fetch(`${endpoint}/_emulator/presign`, { method: 'POST', body: JSON.stringify(request) });
  const { path } = JSON.parse(await presigned.text());
  const { method = 'GET', headers = {} } = request;
  const answer = await fetch(endpoint + path, {
    method: String(method),
    headers: Object(headers),
    ...(body !== undefined && { body }),
  });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

export async function putText(endpoint: string, bucket: string, key: string, text: string, type = 'text/plain') {
  const headers = { 'content-type': type };
  const { status, text: refusal } = await signedRequest(endpoint, { method: 'PUT', bucket, key, headers }, text);
  if (status !== 200) throw new Error(refusal);
}

export async function putConfiguration(endpoint: string, bucket: string, name: string, document: string) {
  const headers = { 'content-type': 'application/xml' };
  const request = { method: 'PUT', bucket, query: { [name]: '' }, headers };
  const { status, text } = await signedRequest(endpoint, request, document);
  if (status !== 200) throw new Error(text);
}

/** Sets up buckets by the control API. */
export async function seed(endpoint: string, buckets: readonly object[]): Promise<void> {
  const response = await fetch(`${endpoint}/_emulator/seed`, { method: 'POST', body: JSON.stringify({ buckets }) });
  if (!response.ok) throw new Error(await response.text());
}

/** A folder of files with these texts, by their paths; removed at the end of the test. */
export async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dropped-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** Drags files and folders of this machine over the middle of the page. Returns what drops them. */
export async function dragIn(page: Page, paths: readonly string[]): Promise<() => Promise<void>> {
  const session = await page.context().newCDPSession(page);
  const size = page.viewportSize();
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  const send = (type: 'dragEnter' | 'dragOver' | 'drop') =>
    session.send('Input.dispatchDragEvent', { type, x: (size?.width ?? 0) / 2, y: (size?.height ?? 0) / 3, data });
  await send('dragEnter');
  await send('dragOver');
  return () => send('drop').then(() => session.detach());
}
