/**
 * Finds a sans-serif font on this machine, for drawings whose texts become pixels.
 *
 * Contract: Whetstone ships no font. A regular face and, if there is one, its bold face are taken from the folders where operating
 * systems keep fonts; well-known faces first, in a fixed order, so that one machine always gives one font. Only TrueType and OpenType
 * files are read; the family's name is read from the file.
 * Omitted: the user's own font folders (their place is in the environment, which is not read), collections (.ttc), WOFF.
 *
 * @module
 */

/** A font of which at least the regular face was found. */
export interface FoundFont {
  /** Name of the family, as the file has it. */
  readonly family: string;
  /** Files: regular, then bold if there is one. */
  readonly files: readonly string[];
}

/** No font could be found or read. */
export class FontError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "FontError";
}

/** Folders of fonts: Linux, macOS, Windows. */
export const FONT_FOLDERS: readonly string[] = [
  "/usr/share/fonts",
  "/usr/local/share/fonts",
  "/System/Library/Fonts",
  "/Library/Fonts",
  "C:/Windows/Fonts",
];

/** Regular and bold faces by file name, best first: those as wide as the text measure assumes, then wider ones. */
const FACES: readonly (readonly [string, string])[] = [
  ["LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"],
  ["Arial.ttf", "Arial Bold.ttf"],
  ["arial.ttf", "arialbd.ttf"],
  ["Arimo-Regular.ttf", "Arimo-Bold.ttf"],
  ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"],
  ["NotoSans-Regular.ttf", "NotoSans-Bold.ttf"],
  ["Roboto-Regular.ttf", "Roboto-Bold.ttf"],
  ["OpenSans-Regular.ttf", "OpenSans-Bold.ttf"],
  ["segoeui.ttf", "segoeuib.ttf"],
  ["Ubuntu-R.ttf", "Ubuntu-B.ttf"],
];

/** Deepest folder that is looked into. */
const DEPTH = 4;

async function listFonts(folder: string, depth: number, found: Map<string, string>): Promise<void> {
  let entries: Deno.DirEntry[];
  try {
    entries = await Array.fromAsync(Deno.readDir(folder));
  } catch {
    return; // not there, or not ours to read: other folders may do
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, isDirectory } of entries) {
    const path = `${folder}/${name}`;
    if (isDirectory && depth < DEPTH) await listFonts(path, depth + 1, found);
    else if (/\.[ot]tf$/i.test(name) && !found.has(name)) found.set(name, path);
  }
}

/**
 * Family name of a font: record 1 of its `name` table (OpenType 1.9, "name - Naming Table"), Windows or Macintosh platform.
 *
 * @param bytes contents of a TrueType or OpenType file.
 * @returns null if the bytes are no such file.
 */
export function fontFamily(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const version = view.getUint32(0);
    if (version !== 0x00010000 && version !== 0x4f54544f && version !== 0x74727565) return null;
    for (let table = 0; table < view.getUint16(4); table++) {
      const entry = 12 + 16 * table;
      if (view.getUint32(entry) !== 0x6e616d65) continue; // "name"
      const start = view.getUint32(entry + 8);
      const strings = start + view.getUint16(start + 4);
      let macintosh: string | null = null;
      for (let record = 0; record < view.getUint16(start + 2); record++) {
        const at = start + 6 + 12 * record;
        if (view.getUint16(at + 6) !== 1) continue;
        const from = strings + view.getUint16(at + 10);
        const text = bytes.subarray(from, from + view.getUint16(at + 8));
        if (view.getUint16(at) === 3) return new TextDecoder("utf-16be").decode(text);
        if (view.getUint16(at) === 1) macintosh ??= new TextDecoder("macintosh").decode(text);
      }
      return macintosh;
    }
    return null;
  } catch (error) {
    if (error instanceof RangeError) return null; // the file ends before its tables do
    throw error;
  }
}

async function familyOf(file: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(file);
  } catch (cause) {
    throw new FontError(`Cannot read the font ${file}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  const family = fontFamily(bytes);
  if (family === null) {
    throw new FontError(`Cannot use ${file} as a font: expected a TrueType or OpenType file (.ttf, .otf), got another`);
  }
  return family;
}

/**
 * Finds a font.
 *
 * @param file font to use; if left out, the machine's folders are searched.
 * @param folders where to search.
 * @throws {FontError} if the file is no font, or none is found.
 */
export async function findFont(file?: string, folders: readonly string[] = FONT_FOLDERS): Promise<FoundFont> {
  if (file !== undefined) return { family: await familyOf(file), files: [file] };
  const found = new Map<string, string>();
  for (const folder of folders) await listFonts(folder, 1, found);
  for (const [regular, bold] of FACES) {
    const path = found.get(regular);
    if (path === undefined) continue;
    const boldPath = found.get(bold);
    return { family: await familyOf(path), files: boldPath === undefined ? [path] : [path, boldPath] };
  }
  throw new FontError(
    `Cannot turn the plot into pixels: no known sans-serif font in ${
      folders.join(", ")
    }; name a font file with --font ` +
      "FILE.ttf, or write SVG, which needs none",
  );
}
