/** Documents: the XML of OSS and MNS, policies, callbacks, and the JSON of the control API. */
import { evaluatePolicy } from '../../src/aliyun/policy/evaluate-policy.ts';
import { MalformedPolicy } from '../../src/aliyun/policy/policy.ts';
import { readPolicy } from '../../src/aliyun/policy/read-policy.ts';
import { readPublicAccessBlock, readRequestPayment } from '../../src/aliyun/xml/access-documents.ts';
import { readAccessMonitorStatus } from '../../src/aliyun/xml/access-monitor-document.ts';
import {
  readCorsConfiguration,
  readCreateBucketConfiguration,
  readRefererConfiguration,
  readTagging,
} from '../../src/aliyun/xml/bucket-documents.ts';
import { readBucketCallbackPolicy } from '../../src/aliyun/xml/callback-policy-document.ts';
import { readChannelConfiguration } from '../../src/aliyun/xml/channel-documents.ts';
import { readEncryptionRule } from '../../src/aliyun/xml/encryption-document.ts';
import { readCompleteMultipartUpload, readDelete } from '../../src/aliyun/xml/object-documents.ts';
import { readLifecycleConfiguration } from '../../src/aliyun/xml/read-lifecycle.ts';
import { readResponseHeaderConfiguration } from '../../src/aliyun/xml/response-header-document.ts';
import { readRestoreRequest } from '../../src/aliyun/xml/restore-document.ts';
import { readVersioningConfiguration } from '../../src/aliyun/xml/versioning-documents.ts';
import { readWebsiteConfiguration } from '../../src/aliyun/xml/website-document.ts';
import { parseJson } from '../../src/base/encoded-json.ts';
import { OssError, UsageError } from '../../src/base/errors.ts';
import { readFields } from '../../src/base/schema.ts';
import { faultRuleSchema } from '../../src/control-plane/faults/fault-rule.ts';
import { seedSchema } from '../../src/control-plane/seed/seed.ts';
import {
  readQueue,
  readQueueMessage,
  readSubscription,
  readTopic,
  readTopicMessage,
} from '../../src/notify/mns/mns-documents.ts';
import { MnsError } from '../../src/notify/mns/mns-error.ts';
import {
  decodeCallback,
  decodeCallbackVariables,
  readCallbackSettings,
} from '../../src/oss/callback/callback-settings.ts';
import { renderCallbackTemplate } from '../../src/oss/callback/callback-template.ts';
import { checkChannelConfig } from '../../src/oss/channel/channel.ts';
import { checkPostPolicy } from '../../src/oss/form/post-policy.ts';
import { checkRules } from '../../src/oss/lifecycle/check-rules.ts';
import { type FuzzTarget, tolerating } from './fuzz-target.ts';
import { mutateText, pick, type Random } from './mutate.ts';

const MAX_XML_BYTES = 2 * 1024 * 1024;
const NOW_MS = 1_704_067_200_000;

interface XmlKind {
  readonly samples: readonly string[];
  readonly read: (body: Buffer, maxBytes: number) => unknown;
}

const CHANNELS: readonly XmlKind[] = [
  {
    samples: [
      '<LiveChannelConfiguration><Description>a</Description><Status>enabled</Status><Target><Type>HLS</Type><FragDuration>5</FragDuration><FragCount>3</FragCount><PlaylistName>p.m3u8</PlaylistName></Target></LiveChannelConfiguration>',
      '<?xml version="1.0" encoding="UTF-8"?>\n<LiveChannelConfiguration>\n<Target><Type>HLS</Type></Target><Snapshot><RoleName>r</RoleName><DestBucket>examplebucket</DestBucket><NotifyTopic>t</NotifyTopic><Interval>5</Interval></Snapshot></LiveChannelConfiguration>',
    ],
    read: (body, maxBytes) => checkChannelConfig(readChannelConfiguration(body, maxBytes)),
  },
];

const OBJECTS: readonly XmlKind[] = [
  {
    samples: [
      '<Delete><Quiet>true</Quiet><Object><Key>a&amp;b</Key></Object><Object><Key>&#x1;</Key><VersionId>v</VersionId></Object></Delete>',
    ],
    read: readDelete,
  },
  {
    samples: [
      '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"ABC"</ETag></Part><Part><PartNumber>2</PartNumber><ETag>D</ETag></Part></CompleteMultipartUpload>',
    ],
    read: readCompleteMultipartUpload,
  },
  {
    samples: [
      '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag><Tag><Key>c</Key><Value/></Tag></TagSet></Tagging>',
    ],
    read: readTagging,
  },
  {
    samples: ['<RestoreRequest><Days>2</Days><JobParameters><Tier>Standard</Tier></JobParameters></RestoreRequest>'],
    read: readRestoreRequest,
  },
];

const BUCKETS: readonly XmlKind[] = [
  {
    samples: [
      '<CreateBucketConfiguration><StorageClass>IA</StorageClass><DataRedundancyType>LRS</DataRedundancyType></CreateBucketConfiguration>',
    ],
    read: readCreateBucketConfiguration,
  },
  {
    samples: [
      '<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>a</ExposeHeader><MaxAgeSeconds>5</MaxAgeSeconds></CORSRule><ResponseVary>true</ResponseVary></CORSConfiguration>',
    ],
    read: readCorsConfiguration,
  },
  {
    samples: [
      '<RefererConfiguration><AllowEmptyReferer>true</AllowEmptyReferer><RefererList><Referer>http://a</Referer></RefererList></RefererConfiguration>',
    ],
    read: readRefererConfiguration,
  },
  {
    samples: ['<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'],
    read: readVersioningConfiguration,
  },
  {
    samples: [
      '<ServerSideEncryptionRule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>KMS</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></ServerSideEncryptionRule>',
    ],
    read: readEncryptionRule,
  },
  {
    samples: ['<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>'],
    read: readRequestPayment,
  },
  {
    samples: [
      '<PublicAccessBlockConfiguration><BlockPublicAccess>true</BlockPublicAccess></PublicAccessBlockConfiguration>',
    ],
    read: readPublicAccessBlock,
  },
  {
    samples: ['<AccessMonitorConfiguration><Status>Enabled</Status></AccessMonitorConfiguration>'],
    read: readAccessMonitorStatus,
  },
  {
    samples: [
      '<ResponseHeaderConfiguration><Rule><Name>r</Name><Filters><Operation>GetObject</Operation></Filters><HideHeaders><Header>Last-Modified</Header></HideHeaders></Rule></ResponseHeaderConfiguration>',
    ],
    read: readResponseHeaderConfiguration,
  },
  {
    samples: [
      '<BucketCallbackPolicy><PolicyItem><PolicyName>p</PolicyName><Callback>e30=</Callback><CallbackVar>e30=</CallbackVar></PolicyItem></BucketCallbackPolicy>',
    ],
    read: readBucketCallbackPolicy,
  },
  {
    samples: [
      '<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix><SupportSubDir>true</SupportSubDir><Type>0</Type></IndexDocument><ErrorDocument><Key>error.html</Key><HttpStatus>404</HttpStatus></ErrorDocument><RoutingRules><RoutingRule><RuleNumber>1</RuleNumber><Condition><KeyPrefixEquals>a/</KeyPrefixEquals><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition><Redirect><RedirectType>External</RedirectType><Protocol>http</Protocol><HostName>h</HostName><ReplaceKeyPrefixWith>b/</ReplaceKeyPrefixWith><HttpRedirectCode>302</HttpRedirectCode></Redirect></RoutingRule></RoutingRules></WebsiteConfiguration>',
    ],
    read: readWebsiteConfiguration,
  },
];

const LIFECYCLES: readonly XmlKind[] = [
  {
    samples: [
      '<LifecycleConfiguration><Rule><ID>a</ID><Prefix>logs/</Prefix><Status>Enabled</Status><Expiration><Days>30</Days></Expiration><AbortMultipartUpload><Days>1</Days></AbortMultipartUpload></Rule><Rule><ID>b</ID><Prefix>t/</Prefix><Status>Enabled</Status><Tag><Key>k</Key><Value>v</Value></Tag><Transition><Days>3</Days><StorageClass>IA</StorageClass></Transition></Rule></LifecycleConfiguration>',
      '<LifecycleConfiguration><Rule><ID>c</ID><Prefix>p</Prefix><Status>Disabled</Status><Filter><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan><Not><Prefix>pq</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></Not></Filter><Transition><CreatedBeforeDate>2024-01-01T00:00:00.000Z</CreatedBeforeDate><StorageClass>Archive</StorageClass></Transition><NoncurrentVersionExpiration><NoncurrentDays>5</NoncurrentDays></NoncurrentVersionExpiration></Rule></LifecycleConfiguration>',
    ],
    read(body, maxBytes) {
      const { rules } = readLifecycleConfiguration(body, maxBytes);
      checkRules(rules, { allowOverlap: false, tracksAccess: true });
      return rules;
    },
  },
];

const MNS: readonly XmlKind[] = [
  {
    samples: [
      '<?xml version="1.0" encoding="UTF-8"?><Topic xmlns="http://mns.aliyuncs.com/doc/v1/"><MaximumMessageSize>65536</MaximumMessageSize><LoggingEnabled>True</LoggingEnabled></Topic>',
    ],
    read: readTopic,
  },
  {
    samples: [
      '<Queue xmlns="http://mns.aliyuncs.com/doc/v1/"><DelaySeconds>0</DelaySeconds><MessageRetentionPeriod>60</MessageRetentionPeriod><VisibilityTimeout>30</VisibilityTimeout><PollingWaitSeconds>0</PollingWaitSeconds></Queue>',
    ],
    read: readQueue,
  },
  {
    samples: [
      '<Subscription><Endpoint>http://127.0.0.1:1/a</Endpoint><NotifyStrategy>BACKOFF_RETRY</NotifyStrategy><NotifyContentFormat>JSON</NotifyContentFormat><FilterTag>t</FilterTag></Subscription>',
    ],
    read: readSubscription,
  },
  {
    samples: ['<Message><MessageBody>aGVsbG8=</MessageBody><MessageTag>t</MessageTag></Message>'],
    read: readTopicMessage,
  },
  {
    samples: [
      '<Message><MessageBody>aGVsbG8=</MessageBody><DelaySeconds>0</DelaySeconds><Priority>8</Priority></Message>',
    ],
    read: readQueueMessage,
  },
];

const XML_TOKENS = [
  '<a/>',
  '<a>',
  '</a>',
  '<!DOCTYPE a>',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?xml version="1.0"?>',
  '&amp;',
  '&#0;',
  '&#x1F600;',
  '&#xFFFFFFFF;',
  '&a;',
  ' xmlns="a"',
  ' a="b"',
  '99999999999999999999',
  '-1',
  '\u0000',
  '\ufeff',
  '</LiveChannelConfiguration>',
  '<Key>',
  '</Key>',
  '<Prefix>',
  '<Days>',
  '<Status>Enabled</Status>',
];

const POLICIES = [
  '{"Version":"1","Statement":[{"Effect":"Allow","Action":["oss:GetObject","oss:List*"],"Principal":["1234567890123456","*"],"Resource":["acs:oss:*:*:examplebucket/a*"],"Condition":{"StringLike":{"acs:UserAgent":["a*b?c*"]},"IpAddress":{"acs:SourceIp":["10.0.0.0/8","::1"]},"DateLessThan":{"acs:CurrentTime":"2024-01-01T00:00:00Z"},"Bool":{"acs:SecureTransport":"true"}}}]}',
  '{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","NotResource":["acs:oss:*:1234567890123456:*"]}]}',
];
const JSON_TOKENS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  'null',
  'true',
  '1e999',
  '"*"',
  '"?"',
  '*?*?*?',
  '"a*b?c*d?e*"',
  '\\u0000',
  '\\ud800',
  '"Statement":',
  '"Condition":',
  '"10.0.0.0/99"',
  '[[[[[[[[[[',
  '"__proto__":',
];
const POLICY_REQUEST = {
  action: 'oss:GetObject',
  resource: {
    service: 'oss',
    regions: ['cn-hangzhou', 'oss-cn-hangzhou'],
    account: '1234567890123456',
    name: 'examplebucket/abc',
  },
  identities: ['1234567890123456'],
  isOwner: false,
  value: (key: string) => (key === 'acs:sourceip' ? '10.1.2.3' : 'aab'),
};

const POST_POLICIES = [
  '{"expiration":"2030-01-01T00:00:00Z","conditions":[{"bucket":"examplebucket"},["eq","$key","a"],["starts-with","$key","a"],["content-length-range",0,1000],["in","$content-type",["a","b"]],["not-in","$cache-control",["no"]]]}',
  '{"expiration":"2030-01-01T00:00:00.000Z","conditions":[]}',
];
const FIELDS = new Map([
  ['key', 'a'],
  ['content-type', 'a'],
  ['cache-control', 'b'],
]);

const CALLBACKS = [
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of callbacks
  '{"callbackUrl":"127.0.0.1:1/a;http://b.example.com/c?d=e","callbackHost":"h","callbackBody":"bucket=${bucket}&object=${object}&v=${x:var}","callbackBodyType":"application/x-www-form-urlencoded","callbackSNI":true}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of callbacks
  '{"callbackUrl":"http://127.0.0.1/","callbackBody":"{\\"etag\\":${etag},\\"size\\":${size},\\"image\\":${imageInfo.height}}","callbackBodyType":"application/json"}',
];
const CALLBACK_VARIABLES = ['{"x:var":"a","x:other":"b"}'];
const CALLBACK_TOKENS = [...JSON_TOKENS, '${', '}', '${x:', ';', 'http://', 'file:///', '://[::', '"callbackUrl":'];

const SEEDS = [
  '{"buckets":[{"name":"media","acl":"private","objects":[{"key":"a","text":"b"}],"channels":[{"name":"cam","fragCount":3,"recordings":[{"from":"-1h","to":"-50m"}]}]}]}',
];
const RULES = [
  '{"match":{"operation":"PutObject","bucket":"b","phase":"request"},"effect":{"code":"InternalError","status":500,"delayMs":5},"count":2,"probability":0.5,"seed":7}',
];

export const DOCUMENT_TARGETS: readonly FuzzTarget[] = [
  xml('xml-channel', CHANNELS, OssError),
  xml('xml-object', OBJECTS, OssError),
  xml('xml-bucket', BUCKETS, OssError),
  xml('xml-lifecycle', LIFECYCLES, OssError),
  xml('xml-mns', MNS, MnsError),
  {
    name: 'bucket-policy',
    run(random) {
      const text = mutateText(POLICIES, JSON_TOKENS, random);
      tolerating([MalformedPolicy], text.length, () => {
        const policy = readPolicy(text, pick(['bucket', 'ram'], random));
        return [policy, evaluatePolicy(policy, POLICY_REQUEST)];
      });
    },
  },
  {
    name: 'post-policy',
    run(random) {
      const policy = encoded(
        mutateText(POST_POLICIES, [...JSON_TOKENS, '"$key"', '["eq","$', 'content-length-range'], random),
        random,
      );
      tolerating([OssError], policy.length, () =>
        checkPostPolicy(new Map([...FIELDS, ['policy', policy]]), 'examplebucket', NOW_MS),
      );
    },
  },
  {
    name: 'callback',
    run(random) {
      const callback = encoded(mutateText(CALLBACKS, CALLBACK_TOKENS, random), random);
      const variables = encoded(
        random(4) === 0 ? mutateText(CALLBACK_VARIABLES, CALLBACK_TOKENS, random) : pick(CALLBACK_VARIABLES, random),
        random,
      );
      tolerating([OssError], callback.length + variables.length, () => {
        const requested = decodeCallback(callback);
        if (requested.kind !== 'settings') return requested;
        const settings = readCallbackSettings(requested.members, decodeCallbackVariables(variables));
        return [settings.urls.map(String), renderCallbackTemplate(settings.body, settings.bodyType, () => 'value')];
      });
    },
  },
  json('seed', SEEDS, (value) => readFields(seedSchema, value, 'The seed')),
  json('fault-rule', RULES, (value) => readFields(faultRuleSchema, value, 'The fault rule')),
];

/** The samples, for a test that each is valid: what is made of a refused one only shows the first check. */
export const XML_KINDS: readonly XmlKind[] = [...CHANNELS, ...OBJECTS, ...BUCKETS, ...LIFECYCLES, ...MNS];

function xml(name: string, kinds: readonly XmlKind[], documented: typeof OssError | typeof MnsError): FuzzTarget {
  const all = kinds.flatMap(({ samples }) => samples);
  return {
    name,
    run(random) {
      const { samples, read } = pick(kinds, random);
      const body = Buffer.from(mutateText(random(8) === 0 ? all : samples, XML_TOKENS, random));
      tolerating([documented], body.length, () => read(body, MAX_XML_BYTES));
    },
  };
}

function json(name: string, samples: readonly string[], read: (value: unknown) => unknown): FuzzTarget {
  return {
    name,
    run(random) {
      const text = mutateText(samples, [...JSON_TOKENS, '-1', '"": ', '"name":', '"effect":'], random);
      tolerating([UsageError], text.length, () => read(parseJson(text)));
    },
  };
}

/** In Base64, which is sometimes broken. */
function encoded(text: string, random: Random): string {
  const base64 = Buffer.from(text).toString('base64');
  return random(32) === 0 ? mutateText([base64], ['=', '-', '_', ' '], random) : base64;
}
