/** ffmpeg and ffprobe check the output of the segmenter. */
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

/** The packets that ffprobe finds in a transport stream. Its times are modulo 2^33, continuous from the first one. */
export async function probePackets(ts: Buffer): Promise<ProbedPackets> {
  const fields = 'packet=codec_type,pts,dts,size,flags';
  // ffprobe shows nothing of a track that begins after the part of the stream that it analyzes first.
  const limits = ['-analyzeduration', '60000000', '-probesize', '50000000'];
  const args = ['-v', 'error', ...limits, '-show_entries', fields, '-of', 'json', 'pipe:0'];
  const json = await runOnBytes('ffprobe', args, ts);
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

/** The messages of ffmpeg while it decodes the stream; empty when the stream has no errors. */
export function decodeComplaints(ts: Buffer): Promise<string> {
  return runOnBytes('ffmpeg', ['-v', 'error', '-f', 'mpegts', '-i', 'pipe:0', '-f', 'null', '-'], ts);
}

/** Runs a tool with `input` on its standard input; resolves to its standard output and error. */
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
    child.stdin.on('error', () => {}); // The tool may stop reading early; its output is still the result.
    child.stdin.end(input);
  });
}
