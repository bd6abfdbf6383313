import { OssError } from '../../base/errors.ts';

/** The refusal of a multipart upload that does not exist. */
export function noSuchUpload(uploadId: string): OssError {
  return new OssError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { details: { UploadId: uploadId } },
  );
}

/** That of a part which is not there, or is another one than the client means. */
export function invalidPart(partNumber: number): OssError {
  return new OssError('InvalidPart', 'One or more of the specified parts could not be found or had another ETag.', {
    details: { PartNumber: String(partNumber) },
  });
}
