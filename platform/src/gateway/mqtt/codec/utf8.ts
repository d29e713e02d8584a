/** Code points that section 1.5.4 forbids or advises against: U+0000-001F, U+007F-009F, surrogates, non-characters. */
const isRefused = (point: number): boolean =>
  point < 0x20 ||
  (point >= 0x7f && point <= 0x9f) ||
  (point >= 0xd800 && point <= 0xdfff) ||
  (point >= 0xfdd0 && point <= 0xfdef) ||
  (point & 0xfffe) === 0xfffe ||
  point > 0x10ffff;

/** Shortest-form minimum of a sequence, by its number of continuation octets. */
const minimum = [0, 0x80, 0x800, 0x10000] as const;

/** Continuation octets that a lead octet announces; -1: not a lead octet. */
const continuations = (lead: number): number => {
  if (lead >= 0xc2 && lead <= 0xdf) return 1;
  if (lead >= 0xe0 && lead <= 0xef) return 2;
  return lead >= 0xf0 && lead <= 0xf4 ? 3 : -1;
};

/** Octets of the multi-octet sequence at `at`; 0 when it is ill-formed (RFC 3629) or its character refused. */
function sequenceAt(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at] ?? 0;
  const more = continuations(lead);
  if (more < 0 || at + more >= end) return 0;
  let point = lead & (0x3f >> more);
  for (let i = 1; i <= more; i++) {
    const octet = bytes[at + i] ?? 0;
    if ((octet & 0xc0) !== 0x80) return 0;
    point = (point << 6) | (octet & 0x3f);
  }
  return point < (minimum[more] ?? 0) || isRefused(point) ? 0 : more + 1;
}

/**
 * Whether the octets are a UTF-8 Encoded String of MQTT that we accept: well-formed, shortest form, no surrogates
 * [MQTT-1.5.4-1], no U+0000 [MQTT-1.5.4-2], no control characters and no non-characters. U+FEFF is an ordinary
 * character [MQTT-1.5.4-3].
 */
export function isMqttText(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const octet = bytes[at] ?? 0;
    if (octet >= 0x20 && octet < 0x7f) {
      at++;
      continue;
    }
    if (octet < 0x80) return false;
    const length = sequenceAt(bytes, at, end);
    if (length === 0) return false;
    at += length;
  }
  return true;
}
