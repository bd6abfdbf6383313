import { readXml, textOf } from './read.ts';
import { writeXml } from './write.ts';

export type AccessMonitorStatus = 'Enabled' | 'Disabled';

/** The access monitor of a bucket, which has this status since that time. */
export interface AccessMonitorDocument {
  readonly status: AccessMonitorStatus;
  readonly sinceMs: number;
}

/**
 * PutBucketAccessMonitor: the status as it was written.
 *
 * @throws OssError MalformedXML when it is not such a document
 */
export function readAccessMonitorStatus(body: Buffer, maxBytes: number): string | undefined {
  return textOf(readXml(body, 'AccessMonitorConfiguration', maxBytes), 'Status');
}

/** GetBucketAccessMonitor. */
export function accessMonitorDocument(status: AccessMonitorStatus): string {
  return writeXml('AccessMonitorConfiguration', { Status: status });
}
