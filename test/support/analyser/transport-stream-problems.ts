/**
 * What is wrong with the fragments of a recording, in words, by ISO/IEC 13818-1, ITU-T H.264 annex B and ISO/IEC 14496-3
 * (ADTS). One program of H.264 and, perhaps, AAC; the fragments between two discontinuities are one transport stream.
 */
import {
  continuityBreaks,
  framingProblems,
  PAT_PID,
  type PesPacket,
  programMapPids,
  readPackets,
  readPesPackets,
  readProgramMap,
  readTable,
  type Table,
  type TsPacket,
  ticksBetween,
} from './transport-stream.ts';

export interface Fragment {
  readonly name: string;
  /** It does not go on from the fragment before it. */
  readonly discontinuity: boolean;
  readonly bytes: Buffer;
}

interface ParsedFragment {
  readonly name: string;
  readonly packets: readonly TsPacket[];
  readonly tables: readonly Table[];
  readonly pcrPid: number;
  readonly video: readonly PesPacket[];
  readonly audio: readonly PesPacket[];
}

const STREAM_TYPE_H264 = 0x1b;
const STREAM_TYPE_AAC = 0x0f;
const TABLE_IDS = [0x00, 0x02];
/** Clause 2.7.2. */
const MAX_PCR_DISTANCE_TICKS = 100 * 90;
const NAL = { slice: 1, idr: 5, sei: 6, sps: 7, pps: 8, delimiter: 9 };

export function transportStreamProblems(fragments: readonly Fragment[]): string[] {
  const problems: string[] = [];
  const say = (text: string) => problems.push(text);
  for (const stretch of stretchesOf(fragments)) {
    const parsed = stretch.flatMap((fragment) => parseFragment(fragment, say) ?? []);
    // Without one of its fragments a stretch cannot be judged as a whole.
    if (parsed.length < stretch.length) continue;
    for (const gap of continuityBreaks(Buffer.concat(stretch.map(({ bytes }) => bytes)))) {
      say(`${placeOf(stretch)}: continuity counter of PID ${gap}`);
    }
    checkTables(parsed, say);
    checkClock(parsed, say);
    checkTimes(parsed, 'video', say);
    checkTimes(parsed, 'audio', say);
    for (const fragment of parsed) {
      checkUnits(fragment, say);
      for (const pes of fragment.video)
        checkPicture(pes, (text) => say(`${fragment.name}, packet ${pes.index}: ${text}`));
      for (const pes of fragment.audio)
        checkSound(pes, (text) => say(`${fragment.name}, packet ${pes.index}: ${text}`));
    }
    if (parsed[0]?.video[0]?.randomAccess === false) say(`${placeOf(stretch)}: it does not begin with a key frame`);
  }
  return problems;
}

type Say = (problem: string) => void;

/** The fragments between two discontinuities, as one list each. */
export function stretchesOf<Part extends { readonly discontinuity: boolean }>(fragments: readonly Part[]): Part[][] {
  const stretches: Part[][] = [];
  for (const fragment of fragments) {
    const last = stretches.at(-1);
    if (fragment.discontinuity || !last) stretches.push([fragment]);
    else last.push(fragment);
  }
  return stretches;
}

function placeOf(stretch: readonly Fragment[]): string {
  return `from ${stretch[0]?.name} on`;
}

/** The decoding times of the pictures that can be read. */
export function picturesOf({ name, bytes }: Pick<Fragment, 'name' | 'bytes'>): number[] {
  const parsed = parseFragment({ name, bytes, discontinuity: false }, () => {});
  return parsed?.video.map(({ dtsTicks }) => dtsTicks) ?? [];
}

function parseFragment({ name, bytes }: Fragment, say: Say): ParsedFragment | undefined {
  const framing = framingProblems(bytes);
  for (const problem of framing) say(`${name}: ${problem}`);
  if (framing.length > 0) return undefined;
  const packets = readPackets(bytes);
  const [first, second] = packets;
  const pat = first?.pid === PAT_PID ? readTable(first) : undefined;
  if (!pat) {
    say(`${name}: it does not begin with a PAT`);
    return undefined;
  }
  const mapPids = programMapPids(pat);
  const pmt = second && mapPids.includes(second.pid) ? readTable(second) : undefined;
  if (!pmt || mapPids.length !== 1) {
    say(`${name}: the PMT of its one program does not follow the PAT`);
    return undefined;
  }
  const { pcrPid } = readProgramMap(pmt);
  const [mapPid] = mapPids;
  // A PMT later in the fragment may list another stream; its packets come after it.
  const streamTypes = new Map<number, number>();
  const tables: Table[] = [];
  for (const [index, packet] of packets.entries()) {
    const place = `${name}, packet ${index}`;
    if (packet.hasError) say(`${place}: it is marked as erroneous`);
    if (packet.isScrambled) say(`${place}: it is scrambled`);
    if (packet.pid === PAT_PID || packet.pid === mapPid) {
      const table = readTable(packet);
      if (!table) say(`${place}: no whole section of PAT or PMT`);
      else tables.push(table);
      if (table && packet.pid === mapPid) {
        for (const { pid, streamType } of readProgramMap(table).streams) streamTypes.set(pid, streamType);
      }
    } else if (!streamTypes.has(packet.pid)) say(`${place}: PID ${packet.pid} is in no table`);
  }
  const pidOf = (type: number) => [...streamTypes].find(([, streamType]) => streamType === type)?.[0];
  const pesOf = (pid: number | undefined) => {
    if (pid === undefined) return [];
    return readPesPackets(packets, pid).flatMap((pes) => {
      if (typeof pes !== 'string') return [pes];
      say(`${name}, ${pes}`);
      return [];
    });
  };
  const [video, audio] = [pidOf(STREAM_TYPE_H264), pidOf(STREAM_TYPE_AAC)];
  if (video === undefined) say(`${name}: the PMT has no H.264`);
  return { name, packets, tables, pcrPid, video: pesOf(video), audio: pesOf(audio) };
}

/** Clause 2.4.4: the version counts the changes of a table. */
function checkTables(stretch: readonly ParsedFragment[], say: Say): void {
  const last = new Map<number, Table>();
  for (const { name, tables } of stretch) {
    for (const table of tables) {
      const kind = table.tableId === 0x00 ? 'PAT' : 'PMT';
      if (!TABLE_IDS.includes(table.tableId)) say(`${name}: table id ${table.tableId} instead of PAT or PMT`);
      if (!table.crcFits) say(`${name}: the CRC of the ${kind} does not fit`);
      if (!table.isCurrent) say(`${name}: the ${kind} is not current`);
      const before = last.get(table.tableId);
      const isSame = before?.body.equals(table.body) ?? true;
      if (before && isSame && before.version !== table.version) say(`${name}: a new version of the same ${kind}`);
      if (before && !isSame && before.version === table.version) say(`${name}: another ${kind} of the same version`);
      last.set(table.tableId, table);
    }
  }
}

/** The PCR: there from the start, at most 100 ms apart, never back, and never later than what is to be decoded. */
function checkClock(stretch: readonly ParsedFragment[], say: Say): void {
  let last: number | undefined;
  for (const { name, packets, pcrPid, video, audio } of stretch) {
    const units = new Map([...video, ...audio].map((pes) => [pes.index, pes]));
    let isThere = false;
    for (const [index, { pid, pcrTicks }] of packets.entries()) {
      if (pcrTicks !== undefined) {
        if (pid !== pcrPid) say(`${name}, packet ${index}: a PCR on PID ${pid}, which is not the PCR_PID`);
        const distance = last === undefined ? 0 : ticksBetween(last, pcrTicks);
        if (distance < 0) say(`${name}, packet ${index}: the PCR goes back, ${last} -> ${pcrTicks}`);
        if (distance > MAX_PCR_DISTANCE_TICKS)
          say(`${name}, packet ${index}: ${distance / 90} ms since the PCR before`);
        last = pcrTicks;
        isThere = true;
      }
      const pes = units.get(index);
      if (!pes) continue;
      if (!isThere) say(`${name}, packet ${index}: no PCR before it in the fragment`);
      // Sound that comes after a later picture cannot be known before it comes.
      if (pid === pcrPid && last !== undefined && ticksBetween(last, pes.dtsTicks) < 0) {
        say(`${name}, packet ${index}: DTS ${pes.dtsTicks} is before the PCR ${last}`);
      }
    }
    if (!isThere) say(`${name}: no PCR`);
  }
}

function checkTimes(stretch: readonly ParsedFragment[], track: 'video' | 'audio', say: Say): void {
  let last: number | undefined;
  for (const fragment of stretch) {
    for (const { index, ptsTicks, dtsTicks } of fragment[track]) {
      const place = `${fragment.name}, packet ${index}`;
      if (ticksBetween(dtsTicks, ptsTicks) < 0) say(`${place}: PTS ${ptsTicks} is before DTS ${dtsTicks}`);
      if (last !== undefined && ticksBetween(last, dtsTicks) <= 0) {
        say(`${place}: DTS of ${track} does not rise, ${last} -> ${dtsTicks}`);
      }
      last = dtsTicks;
    }
  }
}

/** A fragment holds whole PES packets, and each of its tracks begins with one. */
function checkUnits({ name, packets, video, audio }: ParsedFragment, say: Say): void {
  if (video.length === 0) say(`${name}: no picture`);
  const begun = new Set<number>();
  for (const [index, { pid, startsUnit, hasPayload }] of packets.entries()) {
    if (startsUnit) begun.add(pid);
    else if (hasPayload && !begun.has(pid)) say(`${name}, packet ${index}: the rest of a PES packet on PID ${pid}`);
  }
  for (const pes of [...video, ...audio]) {
    const mayBeOpen = video.includes(pes) && pes.statedBytes === 0;
    if (!mayBeOpen && pes.statedBytes !== pes.actualBytes) {
      say(`${name}, packet ${pes.index}: a PES packet of ${pes.actualBytes} bytes says ${pes.statedBytes}`);
    }
  }
}

/** One access unit: the delimiter, then what belongs to the picture, then its slices. ITU-T H.264 clause 7.4.1.2.3. */
function checkPicture({ streamId, randomAccess, payload }: PesPacket, say: Say): void {
  if (streamId >> 4 !== 0xe) say(`stream id 0x${streamId.toString(16)} on video`);
  const nalUnits = splitAnnexB(payload);
  if (!nalUnits) {
    say('no start code at the start of the picture');
    return;
  }
  if (nalUnits.some((nalUnit) => nalUnit.length === 0)) say('an empty NAL unit');
  if (nalUnits.some((nalUnit) => (nalUnit[0] ?? 0) & 0x80)) say('a NAL unit with the forbidden bit');
  const types = nalUnits.map((nalUnit) => (nalUnit[0] ?? 0) & 0x1f);
  if (types[0] !== NAL.delimiter) say(`NAL unit type ${types[0]} before the access unit delimiter`);
  if (types.lastIndexOf(NAL.delimiter) > 0) say('a second access unit delimiter, or one that is late');
  const firstSlice = types.findIndex((type) => type >= NAL.slice && type <= NAL.idr);
  if (firstSlice < 0) {
    say('no slice in the picture');
    return;
  }
  // first_mb_in_slice is the first field of a slice: the Exp-Golomb code of 0 is one bit.
  const firstSlices = nalUnits.filter((unit, at) => isSlice(types[at] ?? 0) && (unit[1] ?? 0) & 0x80);
  if (firstSlices.length !== 1) say(`${firstSlices.length} slices with the first macroblock, so not one picture`);
  const late = types.slice(firstSlice).filter((type) => type >= NAL.sei && type < NAL.delimiter);
  if (late.length > 0) say(`NAL unit type ${late} after the slices`);
  const [isIdr, before] = [types.includes(NAL.idr), types.slice(0, firstSlice)];
  if (isIdr && !randomAccess) say('an IDR picture without random_access_indicator');
  if (!isIdr && !randomAccess) return;
  if (!before.includes(NAL.sps)) say('a key frame without SPS');
  if (!before.includes(NAL.pps)) say('a key frame without PPS');
  if (before.indexOf(NAL.pps) < before.indexOf(NAL.sps)) say('a PPS before the SPS');
}

function isSlice(type: number): boolean {
  return type === NAL.slice || type === NAL.idr;
}

/** The NAL units between start codes, without the zero bytes that may follow one; `undefined` without a start code. */
function splitAnnexB(bytes: Buffer): Buffer[] | undefined {
  const startCode = Buffer.of(0, 0, 1);
  let at = bytes.indexOf(startCode);
  if (at < 0 || at > 1 || (at === 1 && bytes[0] !== 0)) return undefined;
  const nalUnits: Buffer[] = [];
  while (at >= 0) {
    const next = bytes.indexOf(startCode, at + 3);
    let end = next < 0 ? bytes.length : next;
    while (end > at + 3 && bytes[end - 1] === 0) end--;
    nalUnits.push(bytes.subarray(at + 3, end));
    at = next;
  }
  return nalUnits;
}

/** Whole ADTS frames, one after the other. ISO/IEC 14496-3 clause 1.A.2.2. */
function checkSound({ streamId, payload }: PesPacket, say: Say): void {
  if (streamId >> 5 !== 0b110) say(`stream id 0x${streamId.toString(16)} on audio`);
  if (payload.length === 0) say('no ADTS frame');
  let at = 0;
  while (at < payload.length) {
    const header = payload.subarray(at, at + 7);
    if (header.length < 7 || header.readUInt16BE(0) >> 4 !== 0xfff || (header.readUInt8(1) & 0x06) !== 0) {
      say('no ADTS header where a frame must begin');
      return;
    }
    const frameBytes = (header.readUIntBE(3, 3) >> 5) & 0x1fff;
    if (frameBytes <= 7 || at + frameBytes > payload.length) {
      say(`an ADTS frame of ${frameBytes} bytes where there are ${payload.length - at}`);
      return;
    }
    if (((header.readUInt8(2) >> 2) & 0x0f) > 12) say('a sample rate that does not exist in an ADTS header');
    at += frameBytes;
  }
}
