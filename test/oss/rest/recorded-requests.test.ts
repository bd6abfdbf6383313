/**
 * From the bytes that real SDKs sent to the operation: the address, the signature and the table are tested together.
 */
import { expect, it } from 'vitest';
import { authenticate } from '../../../src/aliyun/auth/authenticate.ts';
import { readHost } from '../../../src/aliyun/endpoint.ts';
import { decodeHttpPath, readResource, splitTarget } from '../../../src/http/address.ts';
import { readQuery } from '../../../src/http/receive-request.ts';
import { createDetect } from '../../../src/oss/rest/detect.ts';
import { OPERATIONS } from '../../../src/oss/rest/operations.ts';
import { nowMs, receivedRequest, vectorKeys, vectors } from '../../aliyun/auth/vectors.ts';

const ENDPOINT = {
  serviceDomains: ['localhost', 'oss.localhost'],
  cnames: new Map([['live.example.test', 'examplebucket']]),
};
const detect = createDetect(OPERATIONS);

/** What the SDKs call the operations, in lower case and without underscores. */
const OPERATION_OF: readonly [RegExp, string][] = [
  [/^(putchannel|createlivechannel|putbucketlivechannel)$/, 'PutLiveChannel'],
  [/^put.*status$/, 'PutLiveChannelStatus'],
  [/^(getchannel|getlivechannelinfo|getlivechannel)$/, 'GetLiveChannelInfo'],
  [/^get.*stat(us)?$/, 'GetLiveChannelStat'],
  [/history$/, 'GetLiveChannelHistory'],
  [/^list/, 'ListLiveChannel'],
  [/^(createvod|postvodplaylist)$/, 'PostVodPlaylist'],
  [/^getvodplaylist$/, 'GetVodPlaylist'],
  [/^delete/, 'DeleteLiveChannel'],
];

function expectedOperation(sdkMethod: string): string {
  const [plain = ''] = sdkMethod.split('-');
  const name = plain.toLowerCase().replaceAll('_', '');
  return OPERATION_OF.find(([pattern]) => pattern.test(name))?.[1] ?? `none for ${sdkMethod}`;
}

it.each(vectors.http.map((vector, index) => [index, vector.sdk, vector.auth, vector.method, vector] as const))(
  '%i %s %s %s',
  (_index, _sdk, _auth, sdkMethod, { request, bucket, key, sts }) => {
    const received = receivedRequest(request.method, request.target, request.headers);
    const { rawPath, rawQuery } = splitTarget(request.target);
    expect({ rawPath, rawQuery }).toEqual({ rawPath: received.rawPath, rawQuery: received.rawQuery });
    const host = readHost(received.headers.get('host'), ENDPOINT);
    const candidates = readResource(host, decodeHttpPath(rawPath) ?? '');
    const { resource } = authenticate(received, candidates, { nowMs, keys: vectorKeys(sts) });
    expect(resource).toEqual({ bucket, key });
    const shape = { method: request.method, resource, query: readQuery(rawQuery), headers: received.headers };
    expect(detect(shape).name).toBe(expectedOperation(sdkMethod));
  },
);
