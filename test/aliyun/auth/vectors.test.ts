import { describe, expect, it } from 'vitest';
import { authenticate } from '../../../src/aliyun/auth/authenticate.ts';
import { parseIsoBasic } from '../../../src/aliyun/auth/request-time.ts';
import { readRtmpQuery } from '../../../src/aliyun/auth/rtmp-query.ts';
import { verifyRtmpUrl } from '../../../src/aliyun/auth/rtmp-url.ts';
import { parseQuery, type ReceivedRequest, type Resource } from '../../../src/aliyun/auth/signed-request.ts';
import { signV4Query } from '../../../src/aliyun/auth/v4-query.ts';
import { refused } from './refused.ts';
import { nowMs, receivedRequest, urlTarget, vectorKeys, vectors } from './vectors.ts';

const presigned = vectors.presigned.filter((vector) => vector.error === undefined);
const signedRtmp = vectors.rtmp.filter((vector) => vector.stringToSign !== undefined);

/** The character with its lowest bit flipped, at a place inside `text`. */
function flip(text: string, index: number): string {
  return text.slice(0, index) + String.fromCharCode(text.charCodeAt(index) ^ 1) + text.slice(index + 1);
}

/** The same request with one thing changed, for every thing that its signature covers. */
function* tampered(request: ReceivedRequest, resource: Resource): Generator<[string, ReceivedRequest, Resource]> {
  yield ['method', { ...request, method: request.method === 'GET' ? 'PUT' : 'GET' }, resource];
  yield ['bucket', request, { ...resource, bucket: flip(resource.bucket, 0) }];
  yield ['key', request, { ...resource, key: resource.key === '' ? 'x' : flip(resource.key, 0) }];
  for (const name of ['authorization', 'date', 'x-oss-date', 'content-md5', 'content-type', 'x-oss-security-token']) {
    const value = request.headers.get(name);
    const superseded = name === 'date' && request.headers.has('x-oss-date');
    if (value === undefined || superseded) continue;
    const last = name === 'authorization' ? value.length - 2 : 0;
    yield [name, { ...request, headers: new Map(request.headers).set(name, flip(value, last)) }, resource];
  }
  yield* tamperedQuery(request, resource);
}

const UNSIGNED_IN_V1 = ['prefix', 'marker', 'max-keys'];

function* tamperedQuery(request: ReceivedRequest, resource: Resource): Generator<[string, ReceivedRequest, Resource]> {
  const isV1 = /^OSS /.test(request.headers.get('authorization') ?? '') || request.rawQuery.includes('OSSAccessKeyId=');
  const pieces = request.rawQuery.split('&').filter((piece) => piece !== '');
  for (const [i, piece] of pieces.entries()) {
    const [name = ''] = piece.split('=');
    if (isV1 && UNSIGNED_IN_V1.includes(name)) continue;
    const signature = name.toLowerCase().endsWith('signature');
    for (const index of new Set([0, signature ? piece.length - 5 : piece.length - 1])) {
      const changed = [...pieces.slice(0, i), flip(piece, index), ...pieces.slice(i + 1)];
      yield [`query ${name} at ${index}`, { ...request, rawQuery: changed.join('&') }, resource];
    }
  }
}

describe('recorded requests of the Node, Go, Python and PHP SDKs', () => {
  it.each(
    vectors.http.map((vector, i) => [i, vector.sdk, vector.auth, vector.method, vector.endpoint, vector] as const),
  )('%i %s %s %s %s', (_i, _sdk, auth, _method, _endpoint, vector) => {
    const request = receivedRequest(vector.request.method, vector.request.target, vector.request.headers);
    const resource = { bucket: vector.bucket, key: vector.key };
    const options = { nowMs, keys: vectorKeys(vector.sts) };
    const accepted = authenticate(request, [{ bucket: 'other', key: 'reading' }, resource], options);
    expect(accepted).toMatchObject({ scheme: `${auth}-header`, resource });

    for (const [what, changed, changedResource] of tampered(request, resource)) {
      expect(refused(() => authenticate(changed, [changedResource], options)).code, what).toBeTruthy();
    }
  });

  it.each(vectors.http.map((vector, i) => [i, vector.sdk, vector.auth, vector.method, vector] as const))(
    'shows its canonical strings: %i %s %s %s',
    (_i, _sdk, _auth, _method, vector) => {
      const authorization = vector.request.headers.authorization ?? '';
      const headers = { ...vector.request.headers, authorization: flip(authorization, authorization.length - 2) };
      const request = receivedRequest(vector.request.method, vector.request.target, headers);
      const resource = { bucket: vector.bucket, key: vector.key };
      const { details } = refused(() => authenticate(request, [resource], { nowMs, keys: vectorKeys(vector.sts) }));
      // One client signs a different form; its refusal shows the documented form.
      if (vector.method === 'listChannels-emptyMarker') return;
      expect(details.StringToSign).toBe(vector.stringToSign);
      expect(details.CanonicalRequest).toBe(vector.canonicalRequest);
    },
  );
});

describe('recorded signed URLs', () => {
  it.each(presigned.map((vector, i) => [i, vector.sdk, vector.kind, vector.call, vector] as const))(
    '%i %s %s %s',
    (_i, _sdk, kind, _call, vector) => {
      const request = receivedRequest('GET', urlTarget(vector.url));
      const resource = { bucket: vector.bucket, key: vector.key };
      const options = { nowMs, keys: vectorKeys() };
      const accepted = authenticate(request, [{ bucket: 'other', key: 'reading' }, resource], options);
      expect(accepted).toMatchObject({ scheme: kind.replace('presigned-', '').concat('-query'), resource });

      for (const [what, changed, changedResource] of tampered(request, resource)) {
        expect(refused(() => authenticate(changed, [changedResource], options)).code, what).toBeTruthy();
      }
      const { details } = refused(() => authenticate({ ...request, method: 'HEAD' }, [resource], options));
      const shown = details.CanonicalRequest ?? details.StringToSign;
      expect(shown).toBe((vector.canonicalRequest ?? vector.stringToSign)?.replace('GET', 'HEAD'));
    },
  );

  const v4 = presigned.filter(({ kind, url }) => kind === 'presigned-v4' && !url.includes('x-oss-additional-headers'));
  it.each(v4.map((vector, i) => [i, vector.sdk, vector.call, vector] as const))(
    'are signed here as their SDK does: %i %s %s',
    (_i, _sdk, _call, { url, bucket, key }) => {
      const all = new Map(parseQuery(urlTarget(url).split('?')[1] ?? '').map((one) => [one.name, one.value]));
      const isOfSignature = (name: string) => /^x-oss-(signature|credential|date|expires)/.test(name);
      const own = [...all].filter(([name]) => !isOfSignature(name));
      const query = signV4Query(
        {
          method: 'GET',
          resource: { bucket, key },
          headers: new Map(),
          query: own.map(([name, value]) => ({ name, value, hasEquals: true })),
        },
        vectors.credentials,
        {
          region: all.get('x-oss-credential')?.split('/')[2] ?? '',
          signedMs: parseIsoBasic(all.get('x-oss-date') ?? '') ?? 0,
          expiresSec: Number(all.get('x-oss-expires')),
        },
      );
      expect(new Map(parseQuery(query).map((one) => [one.name, one.value]))).toEqual(all);
    },
  );

  it('covers every recorded URL but the two that the Node SDK refuses to sign', () => {
    expect([vectors.http.length, presigned.length, vectors.presigned.length, vectors.rtmp.length]).toEqual([
      190, 69, 71, 83,
    ]);
  });
});

describe('recorded RTMP URLs', () => {
  it.each(signedRtmp.map((vector, i) => [i, vector.sdk, vector.call, vector] as const))(
    '%i %s %s',
    (_i, _sdk, _call, vector) => {
      const [, rawQuery = ''] = vector.url.split('?');
      const { bucket, channel } = vector;
      const options = { nowMs, keys: vectorKeys(vector.sts) };
      const candidates = [
        { bucket: 'another', channel },
        { bucket, channel },
      ];
      expect(verifyRtmpUrl(readRtmpQuery(rawQuery), candidates, options)).toMatchObject({ bucket, channel });

      expect(
        refused(() => verifyRtmpUrl(readRtmpQuery(rawQuery), [{ bucket, channel: flip(channel, 0) }], options)).ec,
      ).toBe('0002-00000807');
      const request = receivedRequest('', `?${rawQuery}`);
      for (const [what, changed] of tamperedQuery(request, { bucket, key: channel })) {
        expect(
          refused(() => verifyRtmpUrl(readRtmpQuery(changed.rawQuery), [{ bucket, channel }], options)).code,
          what,
        ).toBeTruthy();
      }
      const { details } = refused(() =>
        verifyRtmpUrl(readRtmpQuery(rawQuery.replace(/Signature=./, 'Signature=_')), [{ bucket, channel }], options),
      );
      const tokenUnsigned = vector.sts !== undefined && !vector.stringToSign?.includes('security-token');
      if (!tokenUnsigned) expect(details.StringToSign).toBe(vector.stringToSign);
    },
  );
});
