/**
 * The cost of reading and writing XML, compared with xml2js alone, which has no limits and writes each element of a list:
 * both are measured in turn, and the result is the median. Because both are synchronous, the longest time of a document is
 * also the time for which it blocks the event loop. With `--write` the table is written into docs/performance.md.
 *
 *     npm run bench:xml -- [--rounds 40] [--write]
 */
import { Builder, Parser } from 'xml2js';
import { type ChannelListDocument, listLiveChannelResult } from '../src/aliyun/xml/channel-documents.ts';
import { readXml } from '../src/aliyun/xml/read.ts';
import { OssError } from '../src/base/errors.ts';
import { median } from './bench/figures.ts';
import { type Column, figure, packageVersion, publish, type Row, runBenchmark, table } from './bench/report.ts';
import { count, flag, readCommandLine } from './support/command-line.ts';

const { values, command } = readCommandLine(import.meta.url, {
  rounds: count(40),
  write: flag('Write the table into docs/performance.md'),
});

interface Document {
  readonly name: string;
  readonly rootName: string;
  readonly text: string;
}

interface Round {
  readonly ownMs: number;
  readonly xml2jsMs: number;
}

const COLUMNS: readonly Column<Round>[] = [
  figure({ title: 'ours, median', of: ({ ownMs }) => ownMs, format: milliseconds }),
  { title: 'longest', cell: (rounds) => milliseconds(Math.max(...rounds.map(({ ownMs }) => ownMs))) },
  figure({ title: 'xml2js, median', of: ({ xml2jsMs }) => xml2jsMs, format: milliseconds }),
  {
    title: 'ratio',
    cell: (rounds) =>
      (median(rounds.map(({ ownMs }) => ownMs)) / median(rounds.map(({ xml2jsMs }) => xml2jsMs))).toFixed(2),
  },
];

function milliseconds(ms: number): string {
  return `${ms.toFixed(1)} ms`;
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

function channelList(channels: number): ChannelListDocument {
  const entries = Array.from({ length: channels }, (_, index) => ({
    name: `channel-${index}`,
    description: '',
    status: 'enabled' as const,
    lastModifiedMs: 0,
    publishUrl: `rtmp://127.0.0.1:9000/examplebucket/live/channel-${index}`,
    playUrl: `http://127.0.0.1:9000/examplebucket/channel-${index}/playlist.m3u8`,
  }));
  return { prefix: '', marker: '', maxKeys: channels, nextMarker: '', channels: entries };
}

function writeByXml2js(list: ChannelListDocument): void {
  new Builder({ xmldec: { version: '1.0', encoding: 'UTF-8' } }).buildObject({
    ListLiveChannelResult: {
      LiveChannel: list.channels.map((channel) => ({
        Name: channel.name,
        Description: channel.description,
        Status: channel.status,
        LastModified: new Date(channel.lastModifiedMs).toISOString(),
        PublishUrls: { Url: channel.publishUrl },
        PlayUrls: { Url: channel.playUrl },
      })),
    },
  });
}

function compareReading({ name, rootName, text }: Document, rounds: number): Row<Round> {
  const body = Buffer.from(text);
  return compare(
    name,
    rounds,
    () => readOrRefuse(body, rootName),
    () => readByXml2js(body),
  );
}

function compareWriting(rounds: number): Row<Round> {
  const list = channelList(1000);
  return compare(
    'ListLiveChannel, 1,000 channels, written',
    rounds,
    () => listLiveChannelResult(list),
    () => writeByXml2js(list),
  );
}

function compare(name: string, count: number, own: () => void, byXml2js: () => void): Row<Round> {
  const rounds: Round[] = [];
  for (let round = 0; round < count; round++) rounds.push({ ownMs: measureMs(own), xml2jsMs: measureMs(byXml2js) });
  return { labels: [name], rounds };
}

async function main(): Promise<void> {
  const { rounds, write } = values;
  const rows = [...DOCUMENTS.map((document) => compareReading(document, rounds)), compareWriting(rounds)];
  const tables = [table(['Document'], COLUMNS, rows)];
  const report = {
    section: 'bench:xml',
    command,
    rounds,
    versions: [packageVersion('xml2js')],
    tables,
  };
  publish(report, write);
}

await runBenchmark(main, values);
