/**
 * Text of a request's body, up to a size.
 *
 * @module
 */

/** Largest body of a request. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** A body is larger than {@linkcode MAX_BODY_BYTES}; answered with 413. */
export class BodyTooLargeError extends Error {
  /** Stable name, kept in messages. */
  override readonly name = "BodyTooLargeError";
}

/**
 * Reads a body; no more than its allowed size is ever held.
 *
 * @throws {BodyTooLargeError} if it is larger.
 */
export async function bodyText({ body }: Request): Promise<string> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new BodyTooLargeError(`The body has more than ${MAX_BODY_BYTES} bytes.`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
