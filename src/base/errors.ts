/**
 * Errors as data.
 *
 * `OssError` is an answer: code, status and text of the service. It becomes XML in `oss/rest/error-answer.ts` and an
 * RTMP `onStatus` in `ingest/publish-handler.ts`. `UsageError` is for the person who started the emulator. Any other
 * error is a bug and is logged with its stack.
 */

/** Codes of the service with the HTTP status of each. Source: the error pages of the OSS API reference. */
export const ERROR_STATUS = {
  AccessDenied: 403,
  AccessForbidden: 403,
  AccessKeyIdAndSecurityTokenNotMatch: 403,
  AccessMonitorDisableNotAllowed: 400,
  AppendNotSupported: 400,
  ArchiveRestoreFileStale: 409,
  ArchiveRestoreNotFinished: 409,
  BadRequest: 400,
  BucketAlreadyExists: 409,
  BucketCallbackPolicyNotExist: 404,
  BucketNotEmpty: 409,
  CallbackFailed: 203,
  ChannelStillLive: 409,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  FieldItemTooLong: 400,
  FileAlreadyExists: 409,
  IncompleteBody: 400,
  IncorrectNumberOfFilesInPOSTRequest: 400,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidBucketName: 400,
  InvalidChannelName: 400,
  InvalidDigest: 400,
  InvalidEncryptionAlgorithmError: 400,
  InvalidObjectName: 400,
  InvalidObjectState: 403,
  InvalidPart: 400,
  InvalidPartOrder: 400,
  InvalidPolicyDocument: 400,
  InvalidRange: 416,
  InvalidRequest: 400,
  InvalidSecurityToken: 403,
  InvalidTargetBucketForLogging: 400,
  InvalidTargetType: 400,
  LiveChannelDisabled: 409,
  MalformedPOSTRequest: 400,
  MalformedXML: 400,
  MetaOperationQpsLimitExceeded: 503,
  MethodNotAllowed: 405,
  MissingArgument: 400,
  MissingContentLength: 411,
  NoSuchAccessPoint: 404,
  NoSuchBucket: 404,
  NoSuchBucketPolicy: 404,
  NoSuchCORSConfiguration: 404,
  NoSuchKey: 404,
  NoSuchLifecycle: 404,
  NoSuchLiveChannel: 404,
  NoSuchResponseHeaderConfiguration: 404,
  NoSuchServerSideEncryptionRule: 404,
  NoSuchUpload: 404,
  NoSuchVersion: 404,
  NoSuchWebsiteConfiguration: 404,
  NotImplemented: 501,
  NotModified: 304,
  ObjectNotAppendable: 409,
  OperationNotSupported: 400,
  PartNotSequential: 400,
  PositionNotEqualToLength: 409,
  PreconditionFailed: 412,
  RequestIsNotMultiPartContent: 400,
  RequestTimeTooSkewed: 403,
  RequestTimeout: 400,
  RestoreAlreadyInProgress: 409,
  SecurityTokenExpired: 403,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  SymlinkTargetNotExist: 404,
  TooManyBuckets: 400,
  UserDisable: 403,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof ERROR_STATUS;

export interface OssErrorOptions {
  /** The service's fine-grained error code, e.g. `0044-00000201`. */
  ec?: string;
  /** Specific elements of the error document, in the order they are written, between HostId and EC. */
  details?: Readonly<Record<string, string>>;
  /** Overrides the status that belongs to the code; few codes are answered with two statuses. */
  status?: number;
  /** Response headers that belong to the error, e.g. `Allow`. */
  headers?: Readonly<Record<string, string>>;
  /** The reason, for the log; never sent to the client. */
  reason?: string;
  /** What the publisher of a refused push is told besides the message: whole sentences, fit for anybody who gets them. */
  advice?: string;
  /** For a signature that does not fit; never sent to the client. */
  comparison?: SignatureComparison;
}

/** What the emulator computed a signature of, and what the client did, if its mistake was recognized. */
export interface SignatureComparison {
  readonly expected: string;
  readonly signed?: string;
}

/** A refusal of the service. */
export class OssError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly ec: string | undefined;
  readonly details: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly reason: string | undefined;
  readonly advice: string | undefined;
  readonly comparison: SignatureComparison | undefined;

  constructor(code: ErrorCode, message: string, options: OssErrorOptions = {}) {
    super(message);
    // What is printed of an error begins with its name, and the code is what people know.
    this.name = code;
    this.code = code;
    this.status = options.status ?? ERROR_STATUS[code];
    this.ec = options.ec;
    this.details = options.details ?? {};
    this.headers = options.headers ?? {};
    this.reason = options.reason;
    this.advice = options.advice;
    this.comparison = options.comparison;
  }
}

/** The refusal of one argument: a header, a parameter, or an element or field of a body. */
export function invalidArgument(name: string, value: string, message: string, ec?: string): OssError {
  return new OssError('InvalidArgument', message, {
    details: { ArgumentName: name, ArgumentValue: value },
    // Most messages name the argument.
    reason: message.includes(name) ? message : `${name}: ${message}`,
    ...(ec !== undefined && { ec }),
  });
}

/** The same refusal with advice, and with another reason if it is known better now. */
export function withAdvice(error: OssError, advice: string, reason = error.reason): OssError {
  const { code, message, status, details, headers, ec, comparison } = error;
  return new OssError(code, message, {
    status,
    details,
    headers,
    advice,
    ...(ec !== undefined && { ec }),
    ...(reason !== undefined && { reason }),
    ...(comparison && { comparison }),
  });
}

/**
 * The emulator was started or called in a wrong way. The message is one sentence that says what to do.
 *
 * @example await startEmulator({ buckets: ['No'] }).catch((error) => error instanceof UsageError && error.message);
 */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
