/**
 * The printable stand-ins of bytes that byte-level BPE files use (GPT-2, `bytes_to_unicode`).
 *
 * Contract: a bijection of 0..255 to 256 characters; printable Latin-1 stands for itself, the rest starts at U+0100.
 *
 * @module
 */

/** Character of each byte, [256]. */
export const BYTE_CHARACTERS: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) ||
      (byte >= 0xae && byte <= 0xff);
    return String.fromCharCode(printable ? byte : next++);
  });
})();

const BYTE_OF = new Map(BYTE_CHARACTERS.map((character, byte) => [character, byte]));

/** Stand-in text of bytes. */
export function bytesToText(bytes: Iterable<number>): string {
  let text = "";
  for (const byte of bytes) text += BYTE_CHARACTERS[byte] ?? "";
  return text;
}

/** Bytes of stand-in text, or undefined if a character stands for none. */
export function textToBytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const byte = BYTE_OF.get(text.charAt(i));
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}
