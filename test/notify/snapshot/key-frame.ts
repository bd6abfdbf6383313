/** The smallest data that is treated as a key frame of H.264; no decoder can decode it. */
export const SPS = Buffer.from('6764001facd9405005bb011000000300100000030320f1831960', 'hex');
export const PPS = Buffer.from('68ebe3cb22c0', 'hex');
export const IDR = Buffer.from('6588840b', 'hex');

/** An AVCDecoderConfigurationRecord with NAL lengths of four bytes. */
export const AVC_CONFIG = Buffer.concat([
  Buffer.from([1, 0x64, 0, 0x1f, 0xff, 0xe1]),
  Buffer.from([0, SPS.length]),
  SPS,
  Buffer.from([1, 0, PPS.length]),
  PPS,
]);
export const KEY_FRAME = Buffer.concat([Buffer.from([0, 0, 0, IDR.length]), IDR]);
