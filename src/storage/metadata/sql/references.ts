import { hasErrorCode } from '../../../base/error-code.ts';
import { OssError } from '../../../base/errors.ts';
import { resultCodeOf } from '../../sqlite/result-code.ts';
import { noSuchUpload } from '../upload-refusals.ts';

/** Of PostgreSQL. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const FOREIGN_KEY_VIOLATION = '23503';

/**
 * For a write that fails because its bucket or upload was deleted after the caller had checked it. The client gets the
 * same error as if it had been deleted before.
 */
export function refuseMissingBucket<Result>(write: Promise<Result>, bucket: string): Promise<Result> {
  return refuseMissing(write, () => bucketIsMissing(bucket));
}

export function bucketIsMissing(bucket: string): OssError {
  return new OssError('NoSuchBucket', 'The specified bucket does not exist.', { details: { BucketName: bucket } });
}

export function refuseMissingUpload<Result>(write: Promise<Result>, uploadId: string): Promise<Result> {
  return refuseMissing(write, () => noSuchUpload(uploadId));
}

async function refuseMissing<Result>(write: Promise<Result>, refusal: () => OssError): Promise<Result> {
  try {
    return await write;
  } catch (error) {
    if (resultCodeOf(error) === 'CONSTRAINT_FOREIGNKEY' || hasErrorCode(error, FOREIGN_KEY_VIOLATION)) throw refusal();
    throw error;
  }
}
