/** Refusals of MNS with their status and text, with its misspellings. Source: "Error responses" page of MNS. */
const ERRORS = {
  AccessDenied: [403, 'The OwnerId that your Access Key Id associated to is forbidden for this operation.'],
  InternalError: [500, 'Internal error.'],
  InvalidAccessKeyId: [403, 'The AccessKey Id you provided is not exist.'],
  InvalidArgument: [400, 'The XML you provided did not validate against our published schema.'],
  InvalidAuthorizationHeader: [400, 'The Authorization header format is invalid.'],
  InvalidDateHeader: [400, 'The Date header format is invalid.'],
  InvalidDegist: [400, 'The Content-MD5 you specified is invalid.'],
  InvalidQueueName: [
    400,
    'The queue name you provided is invalid. QueueName should start with alpha and contain only alpha, digit or - .',
  ],
  InvalidRequestURL: [400, 'Http request URL format invalid.'],
  InvalidSubscriptionName: [400, 'The subscription name you provided is invalid.'],
  InvalidTopicName: [400, 'The topic name you provided is invalid.'],
  MalformedXML: [400, 'The XML you provided was not well-formed.'],
  MessageNotExist: [404, 'Message not exist.'],
  MissingAuthorizationHeader: [400, 'Authorization header is required.'],
  MissingDateHeader: [400, 'Date header is required.'],
  MissingReceiptHandle: [400, 'ReceiptHandle is required.'],
  QueueAlreadyExist: [409, 'The queue you want to create is already exist.'],
  QueueNotExist: [404, 'The queue name you provided is not exist.'],
  ReceiptHandleError: [400, 'The receipt handle you provide is not valid.'],
  ServiceUnavailable: [503, 'The request has failed due to a temporary failure of the server.'],
  SignatureDoesNotMatch: [
    403,
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  ],
  SubscriptionAlreadyExist: [409, 'The subscription you want to create already exists.'],
  SubscriptionNotExist: [404, 'The subscription name you provided is not exist.'],
  TimeExpired: [408, 'The http request you sent is expired.'],
  TopicAlreadyExist: [409, 'The topic you want to create already exists.'],
  TopicNotExist: [404, 'The topic name you provided is not exist.'],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type MnsErrorCode = keyof typeof ERRORS;

/** An answer of MNS that is a refusal. */
export class MnsError extends Error {
  readonly code: MnsErrorCode;
  readonly status: number;
  /** Why, for the log. */
  readonly reason: string | undefined;

  /** @param options.message replaces the text of the code */
  constructor(code: MnsErrorCode, options: { readonly message?: string; readonly reason?: string | undefined } = {}) {
    const [status, message] = ERRORS[code];
    super(options.message ?? message);
    this.name = 'MnsError';
    this.code = code;
    this.status = status;
    this.reason = options.reason;
  }
}
