/** The muxer in process: it makes one PES packet of every frame at once and has no queue. */
import { parseAacConfig } from '../../media/codecs/aac.ts';
import { parseAvcConfig } from '../../media/codecs/avc.ts';
import type { Frame, TsOutput } from '../../media/frame.ts';
import {
  ADTS_HEADER_SIZE_BYTES,
  adtsHeaderTemplate,
  MAX_AAC_FRAME_SIZE_BYTES,
  writeAdtsHeader,
} from '../../media/mpeg-ts/adts.ts';
import { AnnexBConverter } from '../../media/mpeg-ts/annex-b.ts';
import { PacketBuffer } from '../../media/mpeg-ts/packet-buffer.ts';
import { packetize, packetsSizeBytes, TICKS_PER_MS } from '../../media/mpeg-ts/packets.ts';
import { pesHeaderSizeBytes, STREAM_ID_AUDIO, STREAM_ID_VIDEO, writePesHeader } from '../../media/mpeg-ts/pes.ts';
import { PID_AUDIO, PID_VIDEO } from '../../media/mpeg-ts/psi.ts';
import type { Muxer, MuxerFactory } from './segmenter.ts';

type VideoFrame = Extract<Frame, { kind: 'video' }>;
type AudioFrame = Extract<Frame, { kind: 'audio' }>;

/** @throws Error when MPEG-TS cannot carry a configuration record of the program; `Segmenter` passes no such record */
export const mpegTsMuxer: MuxerFactory = (program, output) => {
  const avcConfig = parseAvcConfig(program.videoConfig);
  if (!avcConfig) throw new Error('the AVCDecoderConfigurationRecord cannot be read');
  const aacConfig = program.audioConfig && parseAacConfig(program.audioConfig);
  const adtsTemplate = aacConfig && adtsHeaderTemplate(aacConfig);
  if (program.audioConfig && !adtsTemplate) throw new Error('the AudioSpecificConfig cannot be put in ADTS');
  output.tables(adtsTemplate !== undefined);
  return new MpegTsMuxer(new AnnexBConverter(avcConfig), adtsTemplate, output);
};

class MpegTsMuxer implements Muxer {
  readonly #annexB: AnnexBConverter;
  readonly #adtsTemplate: Buffer | undefined;
  readonly #output: TsOutput;
  readonly #buffer = new PacketBuffer();
  #destroyed = false;

  constructor(annexB: AnnexBConverter, adtsTemplate: Buffer | undefined, output: TsOutput) {
    this.#annexB = annexB;
    this.#adtsTemplate = adtsTemplate;
    this.#output = output;
  }

  write(frame: Frame): boolean {
    if (this.#destroyed) return true;
    if (frame.kind === 'video') this.#writeVideo(frame);
    else if (this.#adtsTemplate) this.#writeAudio(frame, this.#adtsTemplate);
    return true;
  }

  async end(): Promise<void> {}

  destroy(): void {
    this.#destroyed = true;
  }

  /** The clock reference is the decoding time: a frame needs no time in the buffer of the decoder. */
  #writeVideo(frame: VideoFrame): void {
    const payloadSize = this.#annexB.measure(frame.data, frame.keyFrame);
    if (payloadSize === 0) return;
    const dtsTicks = Math.round(frame.dtsMs * TICKS_PER_MS);
    const times = { dtsTicks, ptsTicks: Math.round((frame.dtsMs + frame.compositionMs) * TICKS_PER_MS) };
    const pesSize = pesHeaderSizeBytes(times) + payloadSize;
    const packets = this.#buffer.take(packetsSizeBytes(pesSize, true));
    const payload = writePesHeader(packets, packets.length - pesSize, STREAM_ID_VIDEO, times, payloadSize);
    this.#annexB.write(packets, payload);
    const clock = { ticks: dtsTicks, randomAccess: frame.keyFrame };
    packetize(packets, pesSize, PID_VIDEO, clock);
    this.#output.unit({ track: 'video', dtsTicks, keyFrame: frame.keyFrame, packets });
  }

  #writeAudio(frame: AudioFrame, adtsTemplate: Buffer): void {
    const frameSize = frame.data.length;
    if (frameSize === 0 || frameSize > MAX_AAC_FRAME_SIZE_BYTES) return;
    const dtsTicks = Math.round(frame.dtsMs * TICKS_PER_MS);
    const times = { dtsTicks, ptsTicks: dtsTicks };
    const payloadSize = ADTS_HEADER_SIZE_BYTES + frameSize;
    const pesSize = pesHeaderSizeBytes(times) + payloadSize;
    const packets = this.#buffer.take(packetsSizeBytes(pesSize, false));
    const payload = writePesHeader(packets, packets.length - pesSize, STREAM_ID_AUDIO, times, payloadSize);
    packets.set(frame.data, writeAdtsHeader(packets, payload, adtsTemplate, frameSize));
    packetize(packets, pesSize, PID_AUDIO);
    this.#output.unit({ track: 'audio', dtsTicks, keyFrame: true, packets });
  }
}
