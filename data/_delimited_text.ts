/**
 * Delimited text (RFC 4180) from its lines: fields in quotes may hold the separator, doubled quotes and line breaks.
 *
 * Contract: every value is text as written; the first record names the columns. A record is known by the line on which it begins.
 * Choices: an empty line between records is skipped; a line break inside quotes becomes a line feed, whatever it was in the file.
 *
 * @module
 */

/** A record, or why there is none. */
export type Delimited =
  | { readonly kind: "fields"; readonly line: number; readonly fields: readonly string[] }
  | { readonly kind: "broken"; readonly line: number; readonly found: string; readonly expected: string };

/** Turns lines into records. */
export class DelimitedParser {
  readonly #separator: string;
  #fields: string[] = [];
  /** Text so far of a field in quotes that goes on in the next line; undefined between records. */
  #open: string | undefined;
  #line = 0;

  /** @param separator one character between fields. */
  constructor(separator: string) {
    this.#separator = separator;
  }

  /** Takes the next line. @returns the record that ends with it, if one does. */
  push(text: string, line: number): Delimited | undefined {
    let at = 0;
    if (this.#open === undefined) {
      if (text === "") return undefined;
      this.#line = line;
      this.#fields = [];
    } else {
      const rest = this.#quoted(`${this.#open}\n`, text, 0);
      if (rest === undefined) return undefined;
      if (rest === text.length) return this.#record();
      if (text[rest] !== this.#separator) return this.#broken(text.slice(rest));
      at = rest + 1;
    }
    for (;;) {
      if (text[at] === '"') {
        const rest = this.#quoted("", text, at + 1);
        if (rest === undefined) return undefined;
        if (rest === text.length) return this.#record();
        if (text[rest] !== this.#separator) return this.#broken(text.slice(rest));
        at = rest + 1;
        continue;
      }
      const end = text.indexOf(this.#separator, at);
      this.#fields.push(text.slice(at, end < 0 ? undefined : end));
      if (end < 0) return this.#record();
      at = end + 1;
    }
  }

  /** @returns what is wrong at the end of the file, if something is. */
  end(): Delimited | undefined {
    if (this.#open === undefined) return undefined;
    return { kind: "broken", line: this.#line, found: "the end of the file", expected: 'a closing quote (")' };
  }

  /** Reads on in a field in quotes. @returns where the text goes on after it; undefined if it ends in a later line. */
  #quoted(before: string, text: string, from: number): number | undefined {
    let value = before;
    let at = from;
    for (;;) {
      const quote = text.indexOf('"', at);
      if (quote < 0) {
        this.#open = value + text.slice(at);
        return undefined;
      }
      value += text.slice(at, quote);
      if (text[quote + 1] !== '"') {
        this.#open = undefined;
        this.#fields.push(value);
        return quote + 1;
      }
      value += '"';
      at = quote + 2;
    }
  }

  #record(): Delimited {
    return { kind: "fields", line: this.#line, fields: this.#fields };
  }

  #broken(rest: string): Delimited {
    const found = `${JSON.stringify(rest.slice(0, 20))} after a closing quote`;
    return {
      kind: "broken",
      line: this.#line,
      found,
      expected: `${JSON.stringify(this.#separator)} or the end of the line`,
    };
  }
}
