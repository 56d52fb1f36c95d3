/**
 * Dynamic loss scale of mixed-precision training (arXiv 1710.03740, section 3.2).
 *
 * Contract: a power of 2 from 1 on. It is halved after a gradient that is not finite, which is then made anew from the same batch, so that
 * no update is lost; it doubles after {@linkcode GROWTH_UPDATES} updates in a row without one. Start and growth are those of PyTorch's
 * gradient scaler.
 *
 * @module
 */

/** Scale of the first update. */
export const FIRST_LOSS_SCALE = 2 ** 16;
/** Updates in a row with finite gradients after which the scale doubles. */
export const GROWTH_UPDATES = 2000;
/** Float32 holds the product of any loss and this. */
const LARGEST = 2 ** 24;

/** The scale and how long it has held. */
export class LossScale {
  #value = FIRST_LOSS_SCALE;
  #held = 0;

  /** Factor of the loss. */
  get value(): number {
    return this.#value;
  }

  /** After an update with finite gradients. */
  held(): void {
    if (++this.#held < GROWTH_UPDATES) return;
    this.#held = 0;
    this.#value = Math.min(LARGEST, 2 * this.#value);
  }

  /** After a gradient that is not finite. @returns whether there is a lower scale to try. */
  lower(): boolean {
    this.#held = 0;
    if (this.#value <= 1) return false;
    this.#value /= 2;
    return true;
  }

  /** As text, for a file. */
  toText(): string {
    return `${this.#value} ${this.#held}`;
  }

  /** Takes over what {@linkcode LossScale.toText} gave. @throws {RangeError} if it is something else. */
  restore(text: string): void {
    const [value = NaN, held = NaN] = text.split(" ").map(Number);
    if (!(Number.isInteger(Math.log2(value)) && value >= 1 && Number.isInteger(held) && held >= 0)) {
      throw new RangeError(`Cannot restore a loss scale: it must be a power of 2 and a number of updates, got ${text}`);
    }
    [this.#value, this.#held] = [value, held];
  }
}
