import Database from 'better-sqlite3';
import { OssError } from '../../../base/errors.ts';

/**
 * A row that refers to another which is gone: between a handler's look and its write the bucket or the upload was deleted.
 * The client gets the answer it would have got a moment later.
 */
export function refuseMissingBucket<Result>(write: Promise<Result>, bucket: string): Promise<Result> {
  const message = 'The specified bucket does not exist.';
  return refuseMissing(write, () => new OssError('NoSuchBucket', message, { details: { BucketName: bucket } }));
}

export function refuseMissingUpload<Result>(write: Promise<Result>, uploadId: string): Promise<Result> {
  const message =
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.';
  return refuseMissing(write, () => new OssError('NoSuchUpload', message, { details: { UploadId: uploadId } }));
}

async function refuseMissing<Result>(write: Promise<Result>, refusal: () => OssError): Promise<Result> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_CONSTRAINT_FOREIGNKEY') throw refusal();
    throw error;
  }
}
