/**
 * The configuration of an H.264 stream. It should come in a sequence header before the first picture; encoders also send
 * one that cannot be read or has half of the parameter sets, send the sets between the pictures, or change them there.
 */
import { CONTENT, splitAccessUnit } from './access-units.ts';
import { type AvcConfig, avcConfigRecord, parseAvcConfig } from './codecs/avc.ts';
import {
  describesSets,
  hasBothKinds,
  isParameterSet,
  type ParameterSets,
  sameNalUnits,
  storeParameterSet,
} from './codecs/parameter-sets.ts';
import { findNalUnits } from './nal-framing.ts';

export interface ConfigurationOutput {
  /** A new AVCDecoderConfigurationRecord, for the pictures that follow. */
  videoConfig(record: Buffer): void;
  /** The record was made of parameter sets. */
  mended(what: 'sequence-header'): void;
}

export const DEFAULT_LENGTH_SIZE_BYTES = 4;

export class VideoConfiguration {
  /** Of the pictures that follow. A configuration with another one is replaced before the next picture. */
  lengthSizeBytes = DEFAULT_LENGTH_SIZE_BYTES;
  readonly #output: ConfigurationOutput;
  /** As given to the output. */
  #config: AvcConfig | undefined;
  /** The latest usable sequence header. */
  #header: Buffer | undefined;
  readonly #sets: ParameterSets = { sps: new Map(), pps: new Map() };
  /** A parameter set came that is not in `#config`. */
  #setsChanged = false;

  constructor(output: ConfigurationOutput) {
    this.#output = output;
  }

  /** Whether a usable sequence header came. */
  get hasHeader(): boolean {
    return this.#header !== undefined;
  }

  /** A picture may be a field. */
  get isInterlaced(): boolean {
    return this.#config?.picture?.interlaced === true;
  }

  /** Takes the body of a sequence header. Returns whether there was a configuration in it, or a part of one. */
  takeHeader(body: Buffer): boolean {
    const config = parseAvcConfig(body);
    if (config && !this.#config) this.lengthSizeBytes = config.nalLengthSizeBytes;
    const sets = [...(config?.sequenceParameterSets ?? []), ...(config?.pictureParameterSets ?? [])];
    if (!config || !sets.some(isParameterSet)) return this.#takeNalUnits(body);
    if (!hasBothKinds(sets)) {
      // The other kind comes in the stream, or has come.
      this.#store(sets.filter(isParameterSet));
      return true;
    }
    const isRepeated = this.#header?.equals(body) === true;
    this.#header = Buffer.from(body);
    // Encoders repeat it before key frames that bring other sets: which ones are valid shows at the next key frame.
    if (isRepeated) this.#store(sets);
    else if (!this.#isConfiguredAs(config)) {
      this.#replaceSets(sets);
      this.#adopt(body);
    }
    return true;
  }

  /**
   * Takes the parameter sets of a picture, and gives the output a new record when the picture needs one. Returns whether
   * there is one for it.
   *
   * @param content of the data, as `accessUnitContent` gives it
   */
  prepare(data: Buffer, keyFrame: boolean, content: number): boolean {
    if ((content & (CONTENT.sps | CONTENT.pps)) !== 0) this.#storeFrom(data, keyFrame);
    if (this.#setsChanged && keyFrame) this.#adoptSets();
    if (this.#config && !this.#hasConfiguredSize()) this.#adoptSets();
    return this.#hasConfiguredSize();
  }

  #hasConfiguredSize(): boolean {
    return this.#config?.nalLengthSizeBytes === this.lengthSizeBytes;
  }

  #storeFrom(data: Buffer, keyFrame: boolean): void {
    const own = splitAccessUnit(data, this.lengthSizeBytes).filter(isParameterSet);
    const isChanged = this.#store(own);
    // A new sequence with sets of its own: the old ones, under other ids, are not part of it.
    if (isChanged && keyFrame && hasBothKinds(own)) this.#replaceSets(own);
  }

  #replaceSets(sets: readonly Buffer[]): void {
    this.#sets.sps.clear();
    this.#sets.pps.clear();
    this.#store(sets);
  }

  #store(sets: readonly Buffer[]): boolean {
    let isChanged = false;
    for (const set of sets) if (storeParameterSet(this.#sets, set)) isChanged = true;
    this.#setsChanged ||= isChanged;
    return isChanged;
  }

  /** Makes the stored parameter sets the configuration. */
  #adoptSets(): void {
    this.#setsChanged = false;
    const config = this.#config;
    if (config && this.#hasConfiguredSize() && describesSets(config, this.#sets)) return;
    const { sps, pps } = this.#sets;
    const record = avcConfigRecord([...sps.values()], [...pps.values()], this.lengthSizeBytes);
    if (!record) return;
    if (!config?.picture) this.#output.mended('sequence-header');
    this.#adopt(record);
  }

  #isConfiguredAs({ sequenceParameterSets, pictureParameterSets, nalLengthSizeBytes }: AvcConfig): boolean {
    const config = this.#config;
    return (
      config?.nalLengthSizeBytes === nalLengthSizeBytes &&
      sameNalUnits(config.sequenceParameterSets, sequenceParameterSets) &&
      sameNalUnits(config.pictureParameterSets, pictureParameterSets)
    );
  }

  /** A sequence header that is no record, or one without sets: perhaps it is made of the NAL units themselves. */
  #takeNalUnits(body: Buffer): boolean {
    const sets = findNalUnits(Buffer.from(body), this.lengthSizeBytes).nalUnits.filter(isParameterSet);
    if (!this.#store(sets)) return sets.length > 0;
    const hadConfig = this.#config;
    this.#adoptSets();
    return this.#config !== hadConfig;
  }

  #adopt(record: Buffer): void {
    this.#config = parseAvcConfig(Buffer.from(record));
    this.lengthSizeBytes = this.#config?.nalLengthSizeBytes ?? DEFAULT_LENGTH_SIZE_BYTES;
    this.#setsChanged = false;
    this.#output.videoConfig(record);
  }
}
