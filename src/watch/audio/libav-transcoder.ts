/** AAC decoder, resampler and Opus encoder of libav, in sequence. */
import type { LibAV, LibAVSync } from '@libav.js/variant-mediarecorder-transcoder';
import { BIT_RATE, COMPLEXITY, OPUS_RATE_HZ, PACKET_MS, PACKET_TICKS } from './opus-encoder.ts';

/** libav.js without a worker: its functions exist as synchronous calls too, with the suffix `_sync`. */
export type Libav = LibAV & LibAVSync;

export interface TranscodedPacket {
  readonly data: Buffer;
  /** Time of the frame of its first sample, in ticks of 48 kHz, minus the look-ahead of the encoder. */
  readonly streamTicks: number;
}

/** AV_CH_LAYOUT_STEREO of libavutil/channel_layout.h. */
const STEREO = 3;
/** libav reads past the end of the data that it parses. AV_INPUT_BUFFER_PADDING_SIZE of libavcodec/defs.h. */
const PADDING_SIZE_BYTES = 64;
const TIME_BASE: [number, number] = [1, OPUS_RATE_HZ];

interface Codec {
  readonly context: number;
  readonly packet: number;
  readonly frame: number;
}

/** Made for one format of decoded audio. With HE-AAC the format is known only from the frames. */
interface Resampler {
  readonly format: string;
  readonly graph: number;
  readonly source: number;
  readonly sink: number;
}

/** Its memory belongs to libav and is not garbage collected: it has to be freed. */
export class LibavTranscoder {
  readonly #libav: Libav;
  readonly #decoder: Codec;
  readonly #encoder: Codec;
  #resampler: Resampler | undefined;

  /** @throws Error when libav does not accept the configuration */
  constructor(libav: Libav, audioConfig: Buffer) {
    this.#libav = libav;
    this.#decoder = openDecoder(libav, audioConfig);
    this.#encoder = openEncoder(libav);
  }

  /**
   * The packets that are finished with this frame; `undefined` when it cannot be decoded.
   *
   * @throws Error when libav cannot continue
   */
  transcode(aacFrame: Buffer, dtsTicks: number): readonly TranscodedPacket[] | undefined {
    // An empty packet would mean the end of the stream.
    if (aacFrame.length === 0) return undefined;
    const { context, packet, frame } = this.#decoder;
    const [pts, ptshi] = this.#libav.f64toi64(dtsTicks);
    this.#libav.ff_copyin_packet_sync(packet, { data: aacFrame, pts, ptshi });
    const sent = this.#libav.avcodec_send_packet_sync(context, packet);
    this.#libav.av_packet_unref_sync(packet);
    if (sent < 0) return undefined;
    const packets: TranscodedPacket[] = [];
    while (this.#libav.avcodec_receive_frame_sync(context, frame) >= 0) this.#resample(frame, packets);
    return packets;
  }

  free(): void {
    for (const { context, packet, frame } of [this.#decoder, this.#encoder]) {
      this.#libav.ff_free_encoder_sync(context, frame, packet);
    }
    this.#freeResampler();
  }

  #resample(decoded: number, packets: TranscodedPacket[]): void {
    const { source, sink } = this.#resamplerOf(decoded);
    this.#check(this.#libav.av_buffersrc_add_frame_flags_sync(source, decoded, 0));
    const { frame } = this.#encoder;
    while (this.#libav.av_buffersink_get_frame_sync(sink, frame) >= 0) this.#encode(frame, packets);
  }

  #encode(frame: number, packets: TranscodedPacket[]): void {
    const { context, packet } = this.#encoder;
    const sent = this.#libav.avcodec_send_frame_sync(context, frame);
    this.#libav.av_frame_unref_sync(frame);
    this.#check(sent);
    while (this.#libav.avcodec_receive_packet_sync(context, packet) >= 0) {
      packets.push(copyOut(this.#libav, packet));
      this.#libav.av_packet_unref_sync(packet);
    }
  }

  #resamplerOf(decoded: number): Resampler {
    const input = {
      sample_rate: this.#libav.AVFrame_sample_rate_sync(decoded),
      sample_fmt: this.#libav.AVFrame_format_sync(decoded),
      channel_layout: this.#libav.AVFrame_channel_layout_sync(decoded),
    };
    const format = Object.values(input).join();
    if (this.#resampler?.format === format) return this.#resampler;
    this.#freeResampler();
    const [graph, source, sink] = this.#libav.ff_init_filter_graph_sync(
      'aresample',
      { ...input, time_base: TIME_BASE },
      {
        sample_rate: OPUS_RATE_HZ,
        sample_fmt: this.#libav.AV_SAMPLE_FMT_FLT,
        channel_layout: STEREO,
        frame_size: PACKET_TICKS,
      },
    );
    this.#resampler = { format, graph, source, sink };
    return this.#resampler;
  }

  #freeResampler(): void {
    if (this.#resampler) this.#libav.avfilter_graph_free_js_sync(this.#resampler.graph);
    this.#resampler = undefined;
  }

  #check(code: number): void {
    if (code < 0) throw new Error(this.#libav.ff_error_sync(code));
  }
}

function openDecoder(libav: Libav, audioConfig: Buffer): Codec {
  const decoder = libav.avcodec_find_decoder_by_name_sync('aac');
  const context = libav.avcodec_alloc_context3_sync(decoder);
  // From here on the context owns it.
  const config = libav.calloc_sync(audioConfig.length + PADDING_SIZE_BYTES, 1);
  libav.copyin_u8_sync(config, audioConfig);
  libav.AVCodecContext_extradata_s_sync(context, config);
  libav.AVCodecContext_extradata_size_s_sync(context, audioConfig.length);
  const opened = libav.avcodec_open2_sync(context, decoder, 0);
  if (opened < 0) {
    libav.avcodec_free_context_js_sync(context);
    throw new Error(`the AAC decoder does not take this stream: ${libav.ff_error_sync(opened)}`);
  }
  return { context, packet: libav.av_packet_alloc_sync(), frame: libav.av_frame_alloc_sync() };
}

function openEncoder(libav: Libav): Codec {
  const [, context, frame, packet] = libav.ff_init_encoder_sync('libopus', {
    time_base: TIME_BASE,
    ctx: {
      bit_rate: BIT_RATE,
      sample_fmt: libav.AV_SAMPLE_FMT_FLT,
      sample_rate: OPUS_RATE_HZ,
      channel_layout: STEREO,
      channels: 2,
    },
    options: { frame_duration: String(PACKET_MS), compression_level: String(COMPLEXITY) },
  });
  return { context, packet, frame };
}

function copyOut(libav: Libav, packet: number): TranscodedPacket {
  const data = libav.copyout_u8_sync(libav.AVPacket_data_sync(packet), libav.AVPacket_size_sync(packet));
  return {
    data: Buffer.from(data.buffer, data.byteOffset, data.length),
    streamTicks: libav.i64tof64(libav.AVPacket_pts_sync(packet), libav.AVPacket_ptshi_sync(packet)),
  };
}
