import { expect, it } from 'vitest';
import { errorDocument } from '../../../src/aliyun/xml/error-document.ts';
import { OssError } from '../../../src/base/errors.ts';

const ID = '67748580B92475920B0002F1';
const HOST = 'examplebucket.oss-cn-hangzhou.aliyuncs.com';

it('is the envelope of the service', () => {
  const error = new OssError('NoSuchLiveChannel', 'The specified live channel does not exist.', {
    ec: '0026-00000021',
    reason: 'for the log only',
  });
  expect(errorDocument(error, ID, HOST)).toBe(
    `<?xml version="1.0" encoding="UTF-8"?>
<Error>
  <Code>NoSuchLiveChannel</Code>
  <Message>The specified live channel does not exist.</Message>
  <RequestId>${ID}</RequestId>
  <HostId>${HOST}</HostId>
  <EC>0026-00000021</EC>
  <RecommendDoc>https://api.aliyun.com/troubleshoot?q=0026-00000021</RecommendDoc>
</Error>
`,
  );
});

it('puts specific elements between HostId and EC, and leaves out an unknown EC', () => {
  const error = new OssError('LiveChannelDisabled', 'a <b>', { details: { Key: 'x\u0001\n', 'Content-MD5': 'y' } });
  expect(errorDocument(error, ID, 'h')).toBe(
    `<?xml version="1.0" encoding="UTF-8"?>
<Error>
  <Code>LiveChannelDisabled</Code>
  <Message>a &lt;b&gt;</Message>
  <RequestId>${ID}</RequestId>
  <HostId>h</HostId>
  <Key>x\u0001\n</Key>
  <Content-MD5>y</Content-MD5>
</Error>
`,
  );
});
