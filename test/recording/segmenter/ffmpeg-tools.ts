/** ffmpeg and ffprobe as witnesses of what the segmenter wrote. */
import { spawn } from 'node:child_process';

export interface ProbedPacket {
  readonly ptsTicks: number;
  readonly dtsTicks: number;
  readonly sizeBytes: number;
  readonly flags: string;
}

export interface ProbedPackets {
  readonly video: readonly ProbedPacket[];
  readonly audio: readonly ProbedPacket[];
}

/** The packets ffprobe finds in a transport stream. Its own times, so modulo 2^33 and made continuous from the start. */
export async function probePackets(ts: Buffer): Promise<ProbedPackets> {
  const fields = 'packet=codec_type,pts,dts,size,flags';
  const json = await runOnBytes('ffprobe', ['-v', 'error', '-show_entries', fields, '-of', 'json', 'pipe:0'], ts);
  const packets = (JSON.parse(json) as { packets: Record<string, string | number>[] }).packets;
  const ofType = (type: string) =>
    packets
      .filter((packet) => packet.codec_type === type)
      .map(({ pts, dts, size, flags }) => ({
        ptsTicks: Number(pts),
        dtsTicks: Number(dts),
        sizeBytes: Number(size),
        flags: String(flags),
      }));
  return { video: ofType('video'), audio: ofType('audio') };
}

/** What ffmpeg has to say while it decodes all of it: nothing, when the stream is sound. */
export function decodeComplaints(ts: Buffer): Promise<string> {
  return runOnBytes('ffmpeg', ['-v', 'error', '-f', 'mpegts', '-i', 'pipe:0', '-f', 'null', '-'], ts);
}

/** Runs a tool with `input` on its standard input; resolves to all it said on both outputs. */
function runOnBytes(tool: string, args: readonly string[], input: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args);
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.on('error', reject);
    child.on('close', () => resolve(said));
    child.stdin.on('error', () => {}); // It may stop reading early; what it said is the result.
    child.stdin.end(input);
  });
}
