import { OssError } from '../../base/errors.ts';

/** The refusal of a multipart upload that does not exist. */
export function noSuchUpload(uploadId: string): OssError {
  return new OssError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { details: { UploadId: uploadId } },
  );
}
