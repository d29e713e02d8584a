import { concatBytes, encodeUtf8, equalBytes } from './bytes.ts';
import { demand } from './error.ts';

/** Limits of what is read from a zip: a bundle comes from the other party. */
export interface ZipLimits {
  /** Bytes of the whole file. */
  readonly maxBytes: number;
  readonly maxFiles: number;
}

/** 256 MiB; no more files than a zip without 64-bit extensions counts. */
export const defaultZipLimits: ZipLimits = { maxBytes: 256 * 1024 * 1024, maxFiles: 65_534 };

/** 1980-01-01 00:00:00, the beginning of a zip's time: the moment of packing is nobody's business and would change bytes. */
const dosDate = 0x0021;
const localHeader = 0x0403_4b50;
const centralHeader = 0x0201_4b50;
const endHeader = 0x0605_4b50;
const localSize = 30;
const centralSize = 46;
const endSize = 22;

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  return crc;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffff_ffff) >>> 0;
}

/** File names: plain ASCII segments joined by `/`; nothing that leaves the folder it is unpacked in. */
export function isZipName(name: string): boolean {
  if (name.length === 0 || name.length > 256) return false;
  return name.split('/').every((part) => /^[A-Za-z0-9_.-]+$/.test(part) && part !== '.' && part !== '..');
}

interface ZipEntry {
  readonly name: Uint8Array;
  readonly bytes: Uint8Array;
  readonly crc: number;
  readonly offset: number;
}

/** The fields that local and central header share, the first being the version needed. */
function commonFields(view: DataView, at: number, { name, bytes, crc }: ZipEntry): void {
  view.setUint16(at, 10, true);
  view.setUint16(at + 8, dosDate, true);
  view.setUint32(at + 10, crc, true);
  view.setUint32(at + 14, bytes.length, true);
  view.setUint32(at + 18, bytes.length, true);
  view.setUint16(at + 22, name.length, true);
}

function localRecord(entry: ZipEntry): Uint8Array {
  const head = new DataView(new ArrayBuffer(localSize));
  head.setUint32(0, localHeader, true);
  commonFields(head, 4, entry);
  return new Uint8Array(head.buffer);
}

function centralRecord(entry: ZipEntry): Uint8Array {
  const head = new DataView(new ArrayBuffer(centralSize));
  head.setUint32(0, centralHeader, true);
  head.setUint16(4, 10, true);
  commonFields(head, 6, entry);
  head.setUint32(42, entry.offset, true);
  return new Uint8Array(head.buffer);
}

function endRecord(count: number, size: number, offset: number): Uint8Array {
  const end = new DataView(new ArrayBuffer(endSize));
  end.setUint32(0, endHeader, true);
  end.setUint16(8, count, true);
  end.setUint16(10, count, true);
  end.setUint32(12, size, true);
  end.setUint32(16, offset, true);
  return new Uint8Array(end.buffer);
}

/**
 * Packs files into the one zip they can be: names sorted, times fixed, contents stored, nothing else. Any unzip reads
 * it. `bad-zip` for a name that is not plain, `too-large` beyond the limits.
 */
export function writeZip(
  files: ReadonlyMap<string, Uint8Array>,
  limits: ZipLimits = defaultZipLimits,
): Uint8Array<ArrayBuffer> {
  demand(files.size <= limits.maxFiles, 'too-large', `more than ${limits.maxFiles} files`);
  const entries: ZipEntry[] = [];
  let offset = 0;
  for (const [name, bytes] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    demand(isZipName(name), 'bad-zip', 'file name is not plain');
    const entry = { name: encodeUtf8(name), bytes, crc: crc32(bytes), offset };
    entries.push(entry);
    offset += localSize + entry.name.length + bytes.length;
    demand(offset <= limits.maxBytes, 'too-large', `zip is larger than ${limits.maxBytes} bytes`);
  }
  const central = concatBytes(entries.flatMap((entry) => [centralRecord(entry), entry.name]));
  const whole = concatBytes([
    ...entries.flatMap((entry) => [localRecord(entry), entry.name, entry.bytes]),
    central,
    endRecord(entries.length, central.length, offset),
  ]);
  demand(whole.length <= limits.maxBytes, 'too-large', `zip is larger than ${limits.maxBytes} bytes`);
  return whole;
}

function readLocal(zip: Uint8Array, at: number): { readonly name: string; readonly bytes: Uint8Array } {
  demand(at + localSize <= zip.length, 'bad-zip', 'cut in a header');
  const head = new DataView(zip.buffer, zip.byteOffset + at, localSize);
  const nameLength = head.getUint16(26, true);
  const start = at + localSize + nameLength;
  const end = start + head.getUint32(22, true);
  demand(end <= zip.length, 'bad-zip', 'cut in a file');
  const name = String.fromCharCode(...zip.subarray(at + localSize, Math.min(start, at + localSize + 257)));
  demand(isZipName(name), 'bad-zip', 'file name is not plain');
  return { name, bytes: zip.subarray(start, end) };
}

/**
 * Reads a zip that {@link writeZip} could have written, and no other: the files found are packed again and must give
 * the same bytes, so a changed byte anywhere, in a header, a checksum or behind the end, is found (`bad-zip`).
 */
export function readZip(zip: Uint8Array, limits: ZipLimits = defaultZipLimits): ReadonlyMap<string, Uint8Array> {
  demand(zip.length <= limits.maxBytes, 'too-large', `zip is larger than ${limits.maxBytes} bytes`);
  demand(zip.length >= endSize, 'bad-zip', 'not a zip');
  const view = new DataView(zip.buffer, zip.byteOffset, zip.length);
  const files = new Map<string, Uint8Array>();
  let at = 0;
  while (at + 4 <= zip.length && view.getUint32(at, true) === localHeader) {
    const { name, bytes } = readLocal(zip, at);
    demand(!files.has(name), 'bad-zip', `file ${name} is there twice`);
    demand(files.size < limits.maxFiles, 'too-large', `more than ${limits.maxFiles} files`);
    files.set(name, bytes);
    at += localSize + name.length + bytes.length;
  }
  demand(equalBytes(writeZip(files, limits), zip), 'bad-zip', 'not in canonical form, or a byte was changed');
  return files;
}
