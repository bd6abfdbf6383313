/**
 * Code that makes a request again with an SDK. An operation that an SDK does not have, or a request with more than its call
 * can say, has no code: curl can say everything.
 */
import { inGo, inJavaScript, inPython } from '../../base/string-literals.ts';
import type { KeptRequest } from './kept-requests.ts';
import { callsOf } from './sdk-calls.ts';

export interface SdkCode {
  readonly name: 'Node' | 'Python' | 'Go';
  /** The library that the code uses. */
  readonly library: string;
  readonly code: string;
}

/** What a program needs to know of the emulator. */
export interface SdkAccess {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

export function sdkCode(request: KeptRequest, access: SdkAccess): readonly SdkCode[] {
  if (request.missing.length > 0) return [];
  const { node, python, go } = callsOf(request);
  const { bucket } = request;
  const codes: (SdkCode | undefined)[] = [
    node === undefined ? undefined : { name: 'Node', library: 'ali-oss', code: nodeProgram(node, bucket, access) },
    python === undefined ? undefined : { name: 'Python', library: 'oss2', code: pythonProgram(python, bucket, access) },
    go === undefined ? undefined : { name: 'Go', library: 'aliyun-oss-go-sdk', code: goProgram(go, bucket, access) },
  ];
  return codes.filter((code) => code !== undefined);
}

function nodeProgram(call: string, bucket: string, { endpoint, accessKeyId, accessKeySecret }: SdkAccess): string {
  const inBucket = bucket === '' ? '' : `, bucket: ${inJavaScript(bucket)}`;
  return `const client = new OSS({
  endpoint: ${inJavaScript(endpoint)}, sldEnable: true${inBucket},
  accessKeyId: ${inJavaScript(accessKeyId)}, accessKeySecret: ${inJavaScript(accessKeySecret)},
});
const result = ${call};`;
}

function pythonProgram(call: string, bucket: string, { endpoint, accessKeyId, accessKeySecret }: SdkAccess): string {
  const open = bucket === '' ? '' : `bucket = oss2.Bucket(auth, endpoint, ${inPython(bucket)})\n`;
  return `auth = oss2.Auth(${inPython(accessKeyId)}, ${inPython(accessKeySecret)})
endpoint = ${inPython(endpoint)}
${open}result = ${call}`;
}

function goProgram(call: string, bucket: string, { endpoint, accessKeyId, accessKeySecret }: SdkAccess): string {
  const open = bucket === '' || call.startsWith('client.') ? '' : `bucket, err := client.Bucket(${inGo(bucket)})\n`;
  return `client, err := oss.New(${inGo(endpoint)}, ${inGo(accessKeyId)}, ${inGo(accessKeySecret)})
${open}${GO_WITHOUT_RESULT.test(call) ? 'err =' : 'result, err :='} ${call}`;
}

/** These return an error alone. */
const GO_WITHOUT_RESULT =
  /^bucket\.(?:DeleteLiveChannel|PutLiveChannelStatus|PostVodPlaylist|PutObjectFromFile|DeleteObject|SetObjectACL)\(/;
