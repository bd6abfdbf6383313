import type { ControlApi } from '../api-client.ts';
import { saveAs } from '../save-as.ts';

/** The browser stores the object, while it receives it. */
export async function download(api: ControlApi, bucket: string, key: string, versionId?: string): Promise<void> {
  const query = versionId === undefined ? {} : { versionId };
  const { path } = await api('presign', { body: { bucket, key, query } });
  saveAs(path, nameOf(key));
}

/** What is behind the last slash, also of the key of a folder. */
function nameOf(key: string): string {
  return key.replace(/\/+$/, '').split('/').at(-1) || 'object';
}
