import { OssError } from '../../base/errors.ts';

/**
 * The refusal of a body that is not the document it should be. `detail` is for the person who wrote the body.
 * @param ec where the service has one of its own for this fault
 */
export function malformedXml(detail: string, ec = '0016-00000608'): OssError {
  const message = 'The XML you provided was not well-formed or did not validate against our published schema.';
  return new OssError('MalformedXML', message, { ec, details: { ErrorDetail: detail }, reason: detail });
}
