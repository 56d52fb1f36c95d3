/**
 * Lines and raw bytes from a pipe, in the order in which they came.
 *
 * Contract: whoever writes is not trusted; a line longer than the bound ends the stream as if the pipe had closed.
 *
 * @module
 */

const NEWLINE = 10;

/** Reads a byte stream piece by piece. */
export class FrameReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #maxLineBytes: number;
  readonly #decoder = new TextDecoder();
  #chunks: Uint8Array[] = [];
  #ended = false;

  /** Takes the stream; nobody else may read it. */
  constructor(stream: ReadableStream<Uint8Array>, maxLineBytes: number) {
    this.#reader = stream.getReader();
    this.#maxLineBytes = maxLineBytes;
  }

  /** Next line without its end, or undefined at the end of the stream. */
  async line(): Promise<string | undefined> {
    let length = 0;
    for (let i = 0;; i++) {
      const chunk = this.#chunks[i] ?? await this.#next();
      if (chunk === undefined) return undefined;
      const at = chunk.indexOf(NEWLINE);
      length += at < 0 ? chunk.length : at;
      if (length > this.#maxLineBytes) return this.#end();
      if (at < 0) continue;
      const line = this.#take(length);
      this.#take(1);
      return this.#decoder.decode(line);
    }
  }

  /** Next `count` bytes, or undefined if the stream ends before. */
  async bytes(count: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    let held = this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    while (held < count) {
      const chunk = await this.#next();
      if (chunk === undefined) return undefined;
      held += chunk.length;
    }
    return this.#take(count);
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#ended) return undefined;
    try {
      const { value } = await this.#reader.read();
      if (value === undefined) return this.#end();
      this.#chunks.push(value);
      return value;
    } catch {
      return this.#end();
    }
  }

  #end(): undefined {
    this.#ended = true;
    this.#chunks = [];
    this.#reader.cancel().catch(() => {});
    return undefined;
  }

  /** Cuts `count` bytes off the front of what is held. */
  #take(count: number): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(count);
    let [filled, used] = [0, 0];
    for (const chunk of this.#chunks) {
      const part = chunk.subarray(0, count - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length < chunk.length) {
        this.#chunks[used] = chunk.subarray(part.length);
        break;
      }
      used++;
    }
    this.#chunks.splice(0, used);
    return taken;
  }
}
