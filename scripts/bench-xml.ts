/**
 * The cost of reading XML, compared with xml2js alone, which has no limits: both are measured in turn, and the result
 * is the median. Because reading is synchronous, the longest time of a document is also the time for which it blocks
 * the event loop.
 *
 *     npm run bench:xml -- [--rounds 40]
 */
import { parseArgs } from 'node:util';
import { Parser } from 'xml2js';
import { readXml } from '../src/aliyun/xml/read.ts';
import { OssError } from '../src/base/errors.ts';
import { median } from './bench/http-load.ts';
import { markdownTable, measuredOn } from './bench/page.ts';

interface Document {
  readonly name: string;
  readonly rootName: string;
  readonly text: string;
}

const MAX_BYTES = 2 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;

const DOCUMENTS: readonly Document[] = [
  { name: 'DeleteMultipleObjects, 1,000 keys', rootName: 'Delete', text: deleteDocument(1000) },
  {
    name: 'CompleteMultipartUpload, 10,000 parts',
    rootName: 'CompleteMultipartUpload',
    text: completionDocument(10_000),
  },
  { name: '1 MB of `<a/>`', rootName: 'Root', text: `<Root>${'<a/>'.repeat(MEGABYTE / 4)}</Root>` },
  { name: '1 MB of `&lt;`', rootName: 'Root', text: `<Root>${'&lt;'.repeat(MEGABYTE / 4)}</Root>` },
  { name: '1 MB of text', rootName: 'Root', text: `<Root>${'x'.repeat(MEGABYTE)}</Root>` },
];

function deleteDocument(keys: number): string {
  const objects = Array.from(
    { length: keys },
    (_, index) => `<Object>\n<Key>live/channel/${index}.ts</Key>\n</Object>\n`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Delete>\n<Quiet>true</Quiet>\n${objects.join('')}</Delete>`;
}

function completionDocument(parts: number): string {
  const etag = '"0123456789ABCDEF0123456789ABCDEF"';
  const elements = Array.from(
    { length: parts },
    (_, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
  );
  return `<CompleteMultipartUpload>${elements.join('')}</CompleteMultipartUpload>`;
}

function measureMs(action: () => void): number {
  const startedMs = performance.now();
  action();
  return performance.now() - startedMs;
}

function readOrRefuse(body: Buffer, rootName: string): void {
  try {
    readXml(body, rootName, MAX_BYTES);
  } catch (error) {
    if (!(error instanceof OssError)) throw error;
  }
}

function readByXml2js(body: Buffer): void {
  new Parser({ async: false }).parseString(body.toString('utf8'), (error: Error | null) => {
    if (error !== null) throw error;
  });
}

function compare({ name, rootName, text }: Document, rounds: number): readonly string[] {
  const body = Buffer.from(text);
  const ours: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(measureMs(() => readOrRefuse(body, rootName)));
    peer.push(measureMs(() => readByXml2js(body)));
  }
  return [
    name,
    `${median(ours).toFixed(1)} ms`,
    `${Math.max(...ours).toFixed(1)} ms`,
    `${median(peer).toFixed(1)} ms`,
    (median(ours) / median(peer)).toFixed(2),
  ];
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '40' } } });
const rows = DOCUMENTS.map((document) => compare(document, Number(values.rounds)));
console.log(markdownTable(['Document', 'readXml, median', 'longest', 'xml2js, median', 'ratio'], rows));
console.log(`\n${measuredOn('npm run bench:xml')}`);
