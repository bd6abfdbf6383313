/**
 * The refusals of the RPC gateway, of ApsaraVideo Live and of STS (AssumeRole page), with the status and the text of each. Texts are misspelt
 * as in the service. Source: "Common errors" page of the API gateway and the error tables of the operations'
 * pages, https://www.alibabacloud.com/help/en/live/developer-reference/api-live-2016-11-01-overview.
 */
const RPC_ERRORS = {
  ConfigAlreadyExists: [400, 'Config has already exist.'],
  'Forbidden.RAM': [403, "User not authorized to operate on the specified resource, or this API doesn't support RAM."],
  InputInvalid: [400, 'The input is invalid.'],
  IncompleteSignature: [400, 'The request signature does not conform to Aliyun standards.'],
  InternalError: [500, 'The request processing has failed due to some unknown error, exception or failure.'],
  'InvalidAccessKeyId.Inactive': [400, 'Specified access key is disabled.'],
  'InvalidAccessKeyId.NotFound': [404, 'Specified access key is not found.'],
  'InvalidAction.NotFound': [404, 'Specified api is not found, please check your url and method.'],
  'InvalidBucket.NotFound': [404, 'The bucket does not belong to you.'],
  'InvalidConfig.Changed': [400, 'The oss bucket info between StartTime and EndTime has changed.'],
  'InvalidConfig.NotFound': [404, 'Config does not exist.'],
  'InvalidCycleDuration.Malformed': [400, 'Specified CycleDuration is malformed.'],
  'InvalidDomain.NotFound': [404, 'The domain provided does not exist in our records.'],
  'InvalidEndTime.Malformed': [400, 'Specified EndTime is malformed.'],
  'InvalidEndTime.Mismatch': [400, 'Specified end time does not math the specified start time.'],
  'InvalidFormat.Malformed': [400, 'Specified Format is malformed.'],
  'InvalidNotifyUrl.Malformed': [400, 'Specified NotifyUrl is malformed.'],
  'InvalidOssBucket.Malformed': [400, 'Specified OssBucket is malformed.'],
  'InvalidOssBucket.NotFound': [400, 'The parameter OssBucket does not exist.'],
  'InvalidOssEndpoint.Malformed': [400, 'Specified OssEndpoint is malformed.'],
  'InvalidOssObject.Malformed': [400, 'Specified OssObject is malformed.'],
  'InvalidOssObjectPrefix.Malformed': [400, 'Specified OssObjectPrefix is malformed.'],
  'InvalidParameter.DurationSeconds': [400, 'The Min/Max value of DurationSeconds is 15min/12hr.'],
  'InvalidParameter.Format': [400, 'Specified parameter Format is not valid.'],
  'InvalidParameter.PolicyGrammar': [400, 'The parameter Policy has not passed grammar check.'],
  'InvalidParameter.PolicySize': [400, 'The size of Policy must be smaller than 2048 bytes.'],
  'InvalidParameter.RoleArn': [400, 'The parameter RoleArn is wrongly formed.'],
  'InvalidParameter.RoleSessionName': [400, 'The parameter RoleSessionName is wrongly formed.'],
  InvalidParams: [400, 'invalid params'],
  'InvalidResumeTime.Malformed': [400, 'Specified ResumeTime is malformed.'],
  'InvalidSecurityToken.Expired': [400, 'Specified SecurityToken is expired.'],
  'InvalidSecurityToken.Malformed': [400, 'Specified SecurityToken is malformed.'],
  'InvalidSecurityToken.MismatchWithAccessKey': [400, 'Specified SecurityToken mismatch with the AccessKey.'],
  InvalidSignatureMethod: [400, 'Specified signature method is not valid.'],
  InvalidSignatureVersion: [400, 'Specified signature method is not valid.'],
  'InvalidSliceOssObjectPrefix.Malformed': [400, 'Specified SliceOssObjectPrefix is malformed.'],
  'InvalidStartTime.Malformed': [400, 'Specified StartTime is malformed.'],
  'InvalidStartTime.Mismatch': [400, 'Specified StartTime does not math the current time.'],
  'InvalidStream.NotFound': [400, 'Speicified stream does not exist.'],
  'InvalidTimeStamp.Expired': [400, 'Specified time stamp or date value is expired.'],
  'InvalidTimeStamp.Format': [400, 'Specified time stamp or date value is not well formatted.'],
  InvalidVersion: [400, 'Specified parameter Version is not valid.'],
  NoAuth: [403, 'No permission to operate on the AppId.'],
  NoPermission: [403, 'You are not authorized to do this action. You should be authorized by RAM.'],
  NoRecordContent: [400, 'The record content between StartTime and EndTime is empty.'],
  OperationNotSupport: [400, 'The Operation is not support for flv/mp4 format or live to vod record.'],
  RecordContentExceed: [
    400,
    'The record content between StartTime and EndTime is exceeded, please narrow down the range.',
  ],
  ResourceNotExist: [404, 'The AppId does not exist.'],
  ServerError: [500, 'Unknown error.'],
  ServiceUnavailable: [503, 'The request has failed due to a temporary failure of the server.'],
  /** The string to sign follows this text in the message; the Go SDK searches for it. */
  SignatureDoesNotMatch: [400, 'Specified signature is not matched with our calculation. server string to sign is:'],
  SignatureNonceUsed: [400, 'Specified signature nonce was used already.'],
  TaskAlreadyStarted: [409, 'Task has already started.'],
  Throttling: [400, 'Request was denied due to request throttling.'],
  'Throttling.Api': [400, 'Request was denied due to api flow control.'],
  'Throttling.User': [400, 'Request was denied due to user flow control.'],
  UnsupportedHTTPMethod: [400, 'This http method is not supported.'],
} as const satisfies Record<string, readonly [status: number, message: string]>;

type FixedCode = keyof typeof RPC_ERRORS;

/** Every code of the table. */
export const RPC_ERROR_CODES: readonly string[] = Object.keys(RPC_ERRORS);

/** `Missing` and the name of a parameter, or a code of the table. */
export type RpcErrorCode = FixedCode | `Missing${string}`;

export interface RpcErrorOptions {
  /** Replaces the text that belongs to the code. */
  readonly message?: string;
  /** Replaces the status that belongs to the code. */
  readonly status?: number;
  /** Why, for the log and the page at the URL `Recommend`; not part of the answer. */
  readonly reason?: string;
}

/** An answer of the RPC gateway that is a refusal. */
export class RpcError extends Error {
  readonly code: string;
  readonly status: number;
  readonly reason: string | undefined;

  constructor(code: RpcErrorCode, options?: RpcErrorOptions);
  /** For a code that is not in the table. */
  constructor(code: string, options: RpcErrorOptions & { readonly status: number; readonly message: string });
  constructor(code: string, options: RpcErrorOptions = {}) {
    const [status, message] = isFixed(code) ? RPC_ERRORS[code] : missing(code);
    super(options.message ?? message);
    this.name = 'RpcError';
    this.code = code;
    this.status = options.status ?? status;
    this.reason = options.reason;
  }
}

/** Whether a code has a status and a message of its own. */
export function isRpcErrorCode(code: string): code is RpcErrorCode {
  return isFixed(code) || /^Missing[A-Z]\w*$/.test(code);
}

function isFixed(code: string): code is FixedCode {
  return Object.hasOwn(RPC_ERRORS, code);
}

function missing(code: string): readonly [status: number, message: string] {
  return [400, `${code.slice('Missing'.length)} is mandatory for this action.`];
}
