import { describe, expect, it } from 'vitest';
import { readLifecycleConfiguration } from '../../../src/aliyun/xml/read-lifecycle.ts';
import { lifecycleConfigurationDocument } from '../../../src/aliyun/xml/write-lifecycle.ts';
import { OssError } from '../../../src/base/errors.ts';

const LIMIT = 1024 * 1024;
const EXPIRE = '<Expiration><Days>1</Days></Expiration>';

function read(rules: string) {
  return readLifecycleConfiguration(Buffer.from(`<LifecycleConfiguration>${rules}</LifecycleConfiguration>`), LIMIT);
}

function rule(content: string): string {
  return `<Rule><ID>a</ID><Prefix>p/</Prefix><Status>Enabled</Status>${content}</Rule>`;
}

function refusalOf(action: () => unknown): { code: string; ec: string | undefined } {
  try {
    action();
  } catch (error) {
    if (error instanceof OssError) return { code: error.code, ec: error.ec };
    throw error;
  }
  throw new Error('it was not refused');
}

it('gives back every element of what it has read', () => {
  const everything = [
    '<Rule>',
    '<ID>all</ID><Prefix>前缀/</Prefix><Status>Disabled</Status>',
    '<Tag><Key>k1</Key><Value>v1</Value></Tag><Tag><Key>k2</Key><Value></Value></Tag>',
    '<Filter><ObjectSizeGreaterThan>500</ObjectSizeGreaterThan><ObjectSizeLessThan>64000</ObjectSizeLessThan>',
    '<Not><Prefix>前缀/not</Prefix><Tag><Key>k3</Key><Value>v3</Value></Tag></Not></Filter>',
    '<Expiration><Days>400</Days><ExpiredObjectDeleteMarker>false</ExpiredObjectDeleteMarker></Expiration>',
    '<Transition><Days>30</Days><StorageClass>IA</StorageClass><IsAccessTime>true</IsAccessTime>',
    '<ReturnToStdWhenVisit>true</ReturnToStdWhenVisit><AllowSmallFile>false</AllowSmallFile></Transition>',
    '<Transition><Days>60</Days><StorageClass>DeepColdArchive</StorageClass></Transition>',
    '<AbortMultipartUpload><CreatedBeforeDate>2020-12-12T00:00:00.000Z</CreatedBeforeDate></AbortMultipartUpload>',
    '<NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration>',
    '<NoncurrentVersionTransition><NoncurrentDays>12</NoncurrentDays><StorageClass>ColdArchive</StorageClass>',
    '</NoncurrentVersionTransition>',
    '<AtimeBase>1735689600</AtimeBase>',
    '</Rule>',
    '<Rule><ID>date</ID><Prefix></Prefix><Status>Enabled</Status>',
    '<Expiration><Date>2016-12-25T00:00:00.000Z</Date></Expiration></Rule>',
  ].join('');
  const document = read(everything.replace(/<AtimeBase>.*<\/AtimeBase>/, ''));
  const written = lifecycleConfigurationDocument(document, Date.UTC(2025, 0, 1));
  expect(written.replace(/>\s+</g, '><')).toContain(`<LifecycleConfiguration>${everything}</LifecycleConfiguration>`);
});

it('reads what SDKs send besides', () => {
  const [onlyStatus] = read('<Rule><Status>Enabled</Status></Rule>').rules;
  expect(onlyStatus).toMatchObject({ id: '', prefix: '', isEnabled: true, tags: [], transitions: [] });
  const [fromPython] = read(
    rule('<Expiration><ExpiredObjectDeleteMarker>True</ExpiredObjectDeleteMarker></Expiration>'),
  ).rules;
  expect(fromPython?.expiration).toEqual({ expiredObjectDeleteMarker: true });
  const [fromNode] = read(rule(`<Days>1</Days>${EXPIRE}`)).rules;
  expect(fromNode?.expiration).toEqual({ when: { kind: 'days', days: 1 } });
});

it('does not refuse long or many tags: only their characters matter', () => {
  const tags = Array.from({ length: 19 }, (_, n) => `<Tag><Key>${n}${'a'.repeat(129)}</Key><Value>v</Value></Tag>`);
  expect(read(rule(tags.join('') + EXPIRE)).rules[0]?.tags).toHaveLength(19);
});

describe('refuses', () => {
  const malformed = (ec: string) => ({ code: 'MalformedXML', ec });
  const invalid = (ec?: string) => ({ code: 'InvalidArgument', ec });
  const before = '<CreatedBeforeDate>2020-12-12T00:00:00.000Z</CreatedBeforeDate>';

  it.each([
    ['no rule', '', malformed('0016-00000608')],
    ['another child of the root', `${rule(EXPIRE)}<Other/>`, malformed('0014-00000015')],
    ['an unknown element', rule(`${EXPIRE}<AtimeBase>100</AtimeBase>`), malformed('0014-00000017')],
    ['a long ID', `<Rule><ID>${'a'.repeat(256)}</ID><Status>Enabled</Status></Rule>`, invalid('0014-00000019')],
    ['a long prefix', `<Rule><Prefix>${'a'.repeat(1024)}</Prefix></Rule>`, invalid('0014-00000022')],
    ['another status', '<Rule><Status>On</Status></Rule>', malformed('0014-00000024')],
    ['no status', '<Rule></Rule>', malformed('0014-00000025')],
    ['a key with %', rule('<Tag><Key>%&amp;</Key><Value>v</Value></Tag>'), invalid('0014-00000031')],
    ['a value with %', rule('<Tag><Key>k</Key><Value>)%</Value></Tag>'), invalid()],
    ['a tag without a key', rule('<Tag><Value>v</Value></Tag>'), malformed('0016-00000608')],
    ['an empty Not', rule('<Filter><Not></Not></Filter>'), malformed('0014-00000035')],
    [
      'two Nots',
      rule('<Filter><Not><Prefix>p/1</Prefix></Not><Not><Prefix>p/2</Prefix></Not></Filter>'),
      malformed('0014-00000089'),
    ],
    [
      'a size that is no number',
      rule('<Filter><ObjectSizeGreaterThan>abc</ObjectSizeGreaterThan></Filter>'),
      invalid('0014-00000039'),
    ],
    ['a size over 5 TB', rule('<Filter><ObjectSizeLessThan>5497558138881</ObjectSizeLessThan></Filter>'), invalid()],
    [
      'an empty range of sizes',
      rule(
        '<Filter><ObjectSizeGreaterThan>200</ObjectSizeGreaterThan><ObjectSizeLessThan>100</ObjectSizeLessThan></Filter>',
      ),
      invalid('0014-00000041'),
    ],
    [
      'the class Standard',
      rule('<Transition><Days>1</Days><StorageClass>Standard</StorageClass></Transition>'),
      invalid('0014-00000044'),
    ],
    [
      'Date in a transition',
      rule('<Transition><Date>2021-12-30T00:00:00.000Z</Date><StorageClass>IA</StorageClass></Transition>'),
      malformed('0014-00000046'),
    ],
    [
      'a transition by both times',
      rule(`<Transition><Days>1</Days>${before}<StorageClass>IA</StorageClass></Transition>`),
      malformed('0014-00000050'),
    ],
    [
      'a transition without a time',
      rule('<Transition><StorageClass>IA</StorageClass></Transition>'),
      malformed('0016-00000608'),
    ],
    ['a transition without a class', rule('<Transition><Days>1</Days></Transition>'), malformed('0016-00000608')],
    ['an unknown element of Expiration', rule('<Expiration><Hours>1</Hours></Expiration>'), malformed('0014-00000056')],
    [
      'a delete marker and days',
      rule('<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker><Days>1</Days></Expiration>'),
      malformed('0014-00000059'),
    ],
    ['an empty Expiration', rule('<Expiration></Expiration>'), malformed('0014-00000060')],
    [
      'an expiration by both times',
      rule(`<Expiration><Days>1</Days>${before}</Expiration>`),
      malformed('0014-00000061'),
    ],
    [
      'an unknown class of old versions',
      rule(
        '<NoncurrentVersionTransition><NoncurrentDays>1</NoncurrentDays><StorageClass>x</StorageClass></NoncurrentVersionTransition>',
      ),
      invalid('0014-00000062'),
    ],
    [
      'access time of uploads',
      rule('<AbortMultipartUpload><Days>1</Days><IsAccessTime>true</IsAccessTime></AbortMultipartUpload>'),
      malformed('0014-00000071'),
    ],
    ['an empty abort', rule('<AbortMultipartUpload></AbortMultipartUpload>'), malformed('0014-00000073')],
    [
      'an abort by both times',
      rule(`<AbortMultipartUpload><Days>1</Days>${before}</AbortMultipartUpload>`),
      malformed('0014-00000074'),
    ],
    [
      'a date without a time',
      rule('<Expiration><CreatedBeforeDate>2022-12-08</CreatedBeforeDate></Expiration>'),
      invalid('0014-00000087'),
    ],
    [
      'a date that is none',
      rule('<Expiration><CreatedBeforeDate>2022-13-08T00:00:00.000Z</CreatedBeforeDate></Expiration>'),
      invalid('0014-00000087'),
    ],
    [
      'a day that no month has',
      rule('<Expiration><Date>2022-02-30T00:00:00.000Z</Date></Expiration>'),
      invalid('0014-00000087'),
    ],
    ['an element twice', rule(`${EXPIRE}${EXPIRE}`), malformed('0014-00000089')],
    ['no days at all', rule('<NoncurrentVersionExpiration></NoncurrentVersionExpiration>'), malformed('0016-00000608')],
    [
      'a flag that is none',
      rule('<Transition><Days>1</Days><StorageClass>IA</StorageClass><IsAccessTime>1</IsAccessTime></Transition>'),
      invalid(),
    ],
  ])('%s', (_what, rules, expected) => {
    expect(refusalOf(() => read(rules))).toEqual(expected);
  });

  it.each(['0', '-30', '1.5', 'asd', '', '99999999999'])('Days %s', (days) => {
    expect(refusalOf(() => read(rule(`<Expiration><Days>${days}</Days></Expiration>`)))).toEqual(invalid());
  });

  it('more than 1,000 rules', () => {
    expect(read(rule(EXPIRE).repeat(1000)).rules).toHaveLength(1000);
    expect(refusalOf(() => read(rule(EXPIRE).repeat(1001)))).toEqual(invalid('0014-00000014'));
  });
});
