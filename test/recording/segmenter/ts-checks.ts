/** Reads transport packets without code of src/, so that an error there is not repeated here. */

export interface TsPacket {
  readonly pid: number;
  readonly counter: number;
  readonly startsUnit: boolean;
  readonly hasPayload: boolean;
  readonly randomAccess: boolean;
  readonly pcrTicks: number | undefined;
  readonly payload: Buffer;
}

export function readPackets(ts: Buffer): TsPacket[] {
  const packets: TsPacket[] = [];
  for (let at = 0; at < ts.length; at += 188) {
    if (ts[at] !== 0x47) throw new Error(`no sync byte at ${at}`);
    const control = ts.readUInt8(at + 3);
    const fieldSize = control & 0x20 ? 1 + ts.readUInt8(at + 4) : 0;
    const flags = fieldSize > 1 ? ts.readUInt8(at + 5) : 0;
    packets.push({
      pid: ts.readUInt16BE(at + 1) & 0x1fff,
      counter: control & 0x0f,
      startsUnit: (ts.readUInt8(at + 1) & 0x40) !== 0,
      hasPayload: (control & 0x10) !== 0,
      randomAccess: (flags & 0x40) !== 0,
      pcrTicks: flags & 0x10 ? ts.readUInt32BE(at + 6) * 2 + (ts.readUInt8(at + 10) >> 7) : undefined,
      payload: ts.subarray(at + 4 + fieldSize, at + 188),
    });
  }
  return packets;
}

/** The gaps of the continuity counters, as `pid: before -> after`. */
export function continuityBreaks(ts: Buffer): string[] {
  const last = new Map<number, number>();
  const breaks: string[] = [];
  for (const { pid, counter, hasPayload } of readPackets(ts)) {
    const before = last.get(pid);
    const expected = before === undefined ? counter : hasPayload ? (before + 1) % 16 : before;
    if (counter !== expected) breaks.push(`${pid}: ${before} -> ${counter}`);
    last.set(pid, counter);
  }
  return breaks;
}

/** The PES packets of one PID, without transport headers. */
export function pesPackets(ts: Buffer, pid: number): Buffer[] {
  const packets: Buffer[][] = [];
  for (const packet of readPackets(ts)) {
    if (packet.pid !== pid) continue;
    if (packet.startsUnit) packets.push([]);
    packets.at(-1)?.push(packet.payload);
  }
  return packets.map((pieces) => Buffer.concat(pieces));
}
