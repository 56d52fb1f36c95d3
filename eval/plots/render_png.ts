/**
 * Turns an SVG drawing into a PNG, without a browser.
 *
 * Contract: texts are drawn in one sans-serif font of this machine (see `find_font.ts`) or a given one; the picture's bytes depend on
 * the drawing, the font and the scale only. A machine without a font gets an error and no picture without words.
 * Limits: characters that the font lacks are left blank; colours follow the drawing, `currentColor` is black.
 *
 * @module
 */
import { findFont } from "./find_font.ts";

/** Options of {@linkcode renderPng}. */
export interface RenderPngOptions {
  /**
   * Pixels of the picture per pixel of the drawing, in (0, 8].
   *
   * @default {2}
   */
  scale?: number;
  /**
   * Font file, TrueType or OpenType.
   *
   * @default {a sans-serif font of this machine}
   */
  font?: string;
}

/** A drawing that cannot be turned into pixels. */
export class PngError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "PngError";
}

type ResvgLibrary = typeof import("@resvg/resvg-wasm");

let library: Promise<ResvgLibrary> | undefined;

async function loadLibrary(): Promise<ResvgLibrary> {
  const resvg = await import("@resvg/resvg-wasm");
  // The package's own file; nothing is fetched.
  await resvg.initWasm(await Deno.readFile(new URL(import.meta.resolve("@resvg/resvg-wasm/index_bg.wasm"))));
  return resvg;
}

/** Largest side of a picture, px. */
const LARGEST_SIDE = 16_384;

/**
 * Draws an SVG into a PNG.
 *
 * @param svg drawing, see `renderSvg`.
 * @param options see {@linkcode RenderPngOptions}.
 * @returns bytes of the PNG file.
 * @throws {FontError} if there is no font.
 * @throws {PngError} if the drawing cannot be read or would be too large.
 */
export async function renderPng(svg: string, options: RenderPngOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const { scale = 2, font } = options;
  if (!(scale > 0 && scale <= 8)) {
    throw new RangeError(`Cannot draw the picture: scale must be in (0, 8], got ${scale}`);
  }
  const { family, files } = await findFont(font);
  const fontBuffers = await Promise.all(files.map((file) => Deno.readFile(file)));
  library ??= loadLibrary();
  const { Resvg } = await library;
  try {
    const drawing = new Resvg(svg, {
      fitTo: { mode: "zoom", value: scale },
      font: { fontBuffers, defaultFontFamily: family, sansSerifFamily: family },
    });
    try {
      const side = Math.max(drawing.width, drawing.height) * scale;
      if (side > LARGEST_SIDE) {
        throw new PngError(
          `Cannot draw the picture: its longer side would be ${
            Math.ceil(side)
          } pixels, at most ${LARGEST_SIDE} are drawn`,
        );
      }
      const picture = drawing.render();
      try {
        return new Uint8Array(picture.asPng());
      } finally {
        picture.free();
      }
    } finally {
      drawing.free();
    }
  } catch (error) {
    if (error instanceof PngError) throw error;
    throw new PngError(`Cannot turn the drawing into a picture: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}
