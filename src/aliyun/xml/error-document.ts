import type { OssError } from '../../base/errors.ts';
import { writeXml } from './write.ts';

/**
 * The error envelope, its elements in the service's order; those of the single error are between HostId and EC.
 *
 * @param requestId the same 24 characters as the `x-oss-request-id` header
 * @param hostId the Host header as received
 */
export function errorDocument(error: OssError, requestId: string, hostId: string): string {
  return writeXml('Error', {
    Code: error.code,
    Message: error.message,
    RequestId: requestId,
    HostId: hostId,
    ...error.details,
    EC: error.ec,
    RecommendDoc: error.ec && `https://api.aliyun.com/troubleshoot?q=${error.ec}`,
  });
}
