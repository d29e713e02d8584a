import { concatBytes, decodeBase64, decodeHex, decodeUtf8, encodeBase64, encodeHex, encodeUtf8 } from '../bytes.ts';
import { demand, ProofError } from '../error.ts';
import { isKeyName } from './key.ts';

/** One signature line. */
export interface NoteSignature {
  readonly name: string;
  /** 8 hexadecimal digits. */
  readonly keyId: string;
  /** What follows the key id; its form depends on the key's type. */
  readonly signature: Uint8Array;
}

/** A signed note as parsed: nothing in it is verified. */
export interface Note {
  /** Ends in a newline; the bytes that are signed, as text. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Largest note read or written. */
export const maxNoteSize = 65_536;
/** Most signature lines read: far above the 32 witnesses a policy may name. */
export const maxSignatures = 128;

const dash = '\u2014';
/** Control characters other than newline: they would let a note look like another one on a terminal. */
// oxlint-disable-next-line no-control-regex -- the format forbids exactly these
const control = /[\u0000-\u0009\u000b-\u001f]/;

function demandText(text: string): void {
  demand(text.endsWith('\n'), 'bad-note', 'text does not end in a newline');
  demand(!control.test(text), 'bad-note', 'text holds a control character');
}

/** `— name base64(id, signature)` and a newline. */
export function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  demand(isKeyName(name), 'bad-note', 'signer has no valid name');
  const id = decodeHex(keyId);
  demand(id.length === 4 && signature.length > 0, 'bad-note', 'signature has no key id or is empty');
  return `${dash} ${name} ${encodeBase64(concatBytes([id, signature]))}\n`;
}

/** Reads one signature line, newline included; anything but the one canonical spelling is `bad-note`. */
export function parseSignatureLine(line: string): NoteSignature {
  const [, name, encoded] = /^\u2014 ([^ \n]+) ([A-Za-z0-9+/=]+)\n$/u.exec(line) ?? [];
  demand(name !== undefined && encoded !== undefined && isKeyName(name), 'bad-note', 'not a signature line');
  let bytes: Uint8Array;
  try {
    bytes = decodeBase64(encoded);
  } catch (cause) {
    throw new ProofError('bad-note', 'signature is not canonical base64', { cause });
  }
  demand(bytes.length > 4, 'bad-note', 'signature is too short');
  return { name, keyId: encodeHex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}

/** Writes a signed note: text, empty line, one line per signature. */
export function formatNote({ text, signatures }: Note): Uint8Array<ArrayBuffer> {
  demandText(text);
  demand(signatures.length > 0 && signatures.length <= maxSignatures, 'bad-note', 'a note has 1 to 128 signatures');
  const bytes = encodeUtf8(`${text}\n${signatures.map((line) => formatSignatureLine(line)).join('')}`);
  demand(bytes.length <= maxNoteSize, 'too-large', 'note is larger than 64 KiB');
  return bytes;
}

/** Parses a signed note (C2SP signed-note); the text may hold empty lines, the last one separates. `bad-note`, `too-large`. */
export function parseNote(bytes: Uint8Array): Note {
  demand(bytes.length <= maxNoteSize, 'too-large', 'note is larger than 64 KiB');
  let whole: string;
  try {
    whole = decodeUtf8(bytes);
  } catch (cause) {
    throw new ProofError('bad-note', 'not UTF-8', { cause });
  }
  const at = whole.lastIndexOf('\n\n');
  demand(at >= 0, 'bad-note', 'no empty line before the signatures');
  const text = whole.slice(0, at + 1);
  demandText(text);
  const lines = whole.slice(at + 2);
  demand(lines.endsWith('\n'), 'bad-note', 'the last line does not end in a newline');
  const split = lines.slice(0, -1).split('\n');
  demand(split.length <= maxSignatures, 'bad-note', 'too many signatures');
  return { text, signatures: split.map((line) => parseSignatureLine(`${line}\n`)) };
}

/** The note with further signature lines; a line it already has is not repeated. */
export function addSignatures(note: Note, more: readonly NoteSignature[]): Note {
  const lines = new Set(note.signatures.map((line) => formatSignatureLine(line)));
  const fresh = more.filter((line) => !lines.has(formatSignatureLine(line)));
  return { text: note.text, signatures: [...note.signatures, ...fresh] };
}
