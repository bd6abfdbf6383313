/** The reverse of packetizing, as in a browser: NAL units from RTP payloads. RFC 6184 clauses 5.6 to 5.8. */
const STAP_A = 24;
const FU_A = 28;

export function depacketize(payloads: readonly Buffer[]): readonly Buffer[] {
  const nalUnits: Buffer[] = [];
  let fragments: Buffer[] = [];
  for (const payload of payloads) {
    const type = (payload[0] ?? 0) & 0x1f;
    if (type === STAP_A) {
      for (let at = 1; at < payload.length; ) {
        const end = at + 2 + payload.readUInt16BE(at);
        nalUnits.push(payload.subarray(at + 2, end));
        at = end;
      }
    } else if (type === FU_A) {
      const [indicator = 0, header = 0] = payload;
      if ((header & 0x80) !== 0) fragments = [Buffer.from([(indicator & 0xe0) | (header & 0x1f)])];
      fragments.push(payload.subarray(2));
      if ((header & 0x40) !== 0) nalUnits.push(Buffer.concat(fragments));
    } else {
      nalUnits.push(payload);
    }
  }
  return nalUnits;
}
