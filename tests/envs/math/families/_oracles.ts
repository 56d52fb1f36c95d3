/**
 * Second oracles: whether an answer is right, found from the statement alone and by another way than the family's own (enumeration,
 * substitution, closed forms against steps), so that a slip in a family cannot hide in its worked solution.
 *
 * @module
 */

/** Says whether the answer belongs to the statement. */
export type Oracle = (statement: string, answer: string) => boolean;

function ints(text: string): number[] {
  return [...text.matchAll(/(?<![\d)])-?\d+|\d+/g)].map(([digits]) => Number(digits));
}

function big(values: readonly (string | number | undefined)[]): bigint[] {
  return values.map((value) => BigInt(value ?? 0));
}

/** Greatest common divisor by halving (not by remainders, as the families do it). */
function binaryGcd(a: bigint, b: bigint): bigint {
  let [x, y, shift] = [a < 0n ? -a : a, b < 0n ? -b : b, 0n];
  if (x === 0n || y === 0n) return x + y;
  for (; ((x | y) & 1n) === 0n; shift++) [x, y] = [x >> 1n, y >> 1n];
  while (x !== y) {
    if ((x & 1n) === 0n) x >>= 1n;
    else if ((y & 1n) === 0n) y >>= 1n;
    else if (x > y) x -= y;
    else y -= x;
  }
  return x << shift;
}

/** Fraction or integer in lowest terms, else undefined. */
function fraction(answer: string): readonly [bigint, bigint] | undefined {
  const [, top, bottom] = /^(-?\d+)(?:\/(\d+))?$/.exec(answer) ?? [];
  if (top === undefined) return undefined;
  const value = [BigInt(top), BigInt(bottom ?? 1)] as const;
  if (bottom !== undefined && (value[1] < 2n || binaryGcd(...value) !== 1n)) return undefined;
  return value;
}

function isRatio(answer: string, n: bigint | number, d: bigint | number): boolean {
  const value = fraction(answer);
  return value !== undefined && value[0] * BigInt(d) === value[1] * BigInt(n);
}

function isInteger(answer: string, n: bigint | number): boolean {
  return answer === BigInt(n).toString();
}

/** Binomial coefficient by Pascal's triangle, of which the first k columns are enough. */
function pascal(n: number, k: number): bigint {
  const row = [1n, ...new Array<bigint>(k).fill(0n)];
  for (let i = 1; i <= n; i++) for (let j = k; j >= 1; j--) row[j] = row[j]! + row[j - 1]!;
  return row[k]!;
}

/** Right-to-left binary exponentiation. */
function power(base: number, exponent: number, m: number): bigint {
  let [square, result, left] = [BigInt(base) % BigInt(m), 1n, exponent];
  for (; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = result * square % BigInt(m);
    square = square * square % BigInt(m);
  }
  return result;
}

function product(values: readonly (number | bigint)[]): bigint {
  return values.reduce((result: bigint, value) => result * BigInt(value), 1n);
}

function sum(values: readonly (number | undefined)[]): number {
  return values.reduce((total: number, value) => total + (value ?? 0), 0);
}

/** Value of a polynomial expression such as `3(4x - 5) + 2` or `x^2 - 7x`. */
function evaluate(text: string, values: Readonly<Record<string, number>>): number {
  let rest = text.replaceAll(" ", "");
  const take = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(rest)?.[0];
    if (found !== undefined) rest = rest.slice(found.length);
    return found;
  };
  const atom = (): number | undefined => {
    const digits = take(/^\d+/);
    if (digits !== undefined) return Number(digits);
    const name = take(/^[a-z]/);
    if (name !== undefined) {
      const value = values[name] ?? NaN;
      return take(/^\^2/) === undefined ? value : value * value;
    }
    if (take(/^\(/) === undefined) return undefined;
    const value = whole();
    take(/^\)/);
    return value;
  };
  const term = (): number => {
    let value = atom() ?? NaN;
    for (let next = atom(); next !== undefined; next = atom()) value *= next;
    return value;
  };
  const whole = (): number => {
    let value = take(/^-/) === undefined ? term() : -term();
    for (let sign = take(/^[+-]/); sign !== undefined; sign = take(/^[+-]/)) value += sign === "+" ? term() : -term();
    return value;
  };
  return whole();
}

function close(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
}

function decimal(answer: string): number {
  const [, top = "NaN", bottom = "1"] = /^(-?\d+)(?:\/(\d+))?$/.exec(answer) ?? [];
  return Number(top) / Number(bottom);
}

function comingAndGoing(statement: string, start: number): number {
  return [
    ...statement.matchAll(
      /then (?:(?:gets|finds|buys) (\d+) more|(?:gives away|loses|sells) (\d+)|becomes (\d+) times|keeps one of (\d+) equal)/g,
    ),
  ]
    .reduce(
      (now, [, gain, loss, times, parts]) =>
        (now + Number(gain ?? 0) - Number(loss ?? 0)) * Number(times ?? 1) / Number(parts ?? 1),
      start,
    );
}

function holds(left: number, relation: string, right: number): boolean {
  if (close(left, right)) return relation === "\\le" || relation === "\\ge";
  return relation === "<" || relation === "\\le" ? left < right : left > right;
}

/** Square of `\sqrt{n}` or of an integer. */
function squared(answer: string): bigint | undefined {
  const [, under] = /^\\sqrt\{(\d+)\}$/.exec(answer) ?? [];
  if (under !== undefined) return BigInt(under);
  return /^\d+$/.test(answer) ? BigInt(answer) ** 2n : undefined;
}

/** Coefficient of pi as a fraction. */
function timesPi(answer: string, n: number, d = 1): boolean {
  const [, top, bottom = "1"] = /^(\d*)\\pi(?:\/(\d+))?$/.exec(answer) ?? [];
  return top !== undefined && isRatio(bottom === "1" ? top || "1" : `${top || "1"}/${bottom}`, n, d);
}

function points(statement: string): number[][] {
  return [...statement.matchAll(/\(([-\d, ]+)\)/g)].map(([, inner = ""]) => inner.split(",").map(Number));
}

const commonDivisor: Oracle = (statement, answer) => {
  const numbers = ints(statement);
  const g = Number(answer);
  if (numbers.some((n) => n % g !== 0)) return false;
  const quotients = numbers.map((n) => n / g);
  for (let d = 2; d <= Math.min(...quotients); d++) if (quotients.every((n) => n % d === 0)) return false;
  return true;
};

function gridPaths(right: number, up: number): bigint {
  const row = new Array<bigint>(right + 1).fill(1n);
  for (let y = 1; y <= up; y++) for (let x = 1; x <= right; x++) row[x] = row[x]! + row[x - 1]!;
  return row[right]!;
}

const ending: Oracle = (s, a) => isInteger(a, comingAndGoing(s, ints(s)[0]!));
const beginning: Oracle = (s, a) => comingAndGoing(s, Number(a)) === Number(/result is (\d+)/.exec(s)![1]);
const groupsEnding: Oracle = (s, a) =>
  isInteger(
    a,
    comingAndGoing(s, sum([...s.matchAll(/(\d+) \w+ with (\d+)/g)].map(([, n, m]) => Number(n) * Number(m)))),
  );

const ORACLES: Readonly<Record<string, Oracle>> = {
  "gain-loss": ending,
  "one-turn": ending,
  "two-turns": ending,
  "three-turns": ending,
  "grow-then-lose": ending,
  "part-then-gain": ending,
  "three-turns-anew": ending,
  "starting-amount": beginning,
  "start-of-one-turn": beginning,
  "start-of-two-turns": beginning,
  "start-of-loss": beginning,
  "start-of-part": beginning,
  "equal-groups": groupsEnding,
  "groups-one-turn": groupsEnding,
  "groups-two-turns": groupsEnding,
  "groups-gain-loss": groupsEnding,
  "groups-part-gain": groupsEnding,
  purchase: (s, a) =>
    Number(a) + sum([...s.matchAll(/(\d+) \w+ that cost (\d+)/g)].map(([, n, m]) => Number(n) * Number(m))) ===
      ints(s)[0],
  ages: (s, a) => {
    const [one = 0, years = 0, other = 0] = ints(s);
    const age = Number(a);
    return /years old\./.test(s)
      ? age + years === other * (one + years)
      : one * age + years === other * (age + years) && age > 0;
  },
  "linear-equation": (s, a) => {
    const [, left = "", right = ""] = /(?:: |if |with )([^=]+) = ([^=?]+?)[.?]$/.exec(s) ?? [];
    const x = decimal(a);
    return fraction(a) !== undefined && close(evaluate(left, { x }), evaluate(right, { x }));
  },
  "number-puzzle": (s, a) =>
    [...s.matchAll(/(adds|subtracts|multiplies by) (\d+)/g)].reduce(
      (now, [, verb, n]) =>
        verb === "adds" ? now + Number(n) : verb === "subtracts" ? now - Number(n) : now * Number(n),
      Number(a),
    ) ===
      Number(/result is (\d+)/.exec(s)![1]),
  inequality: (s, a) => {
    const [, left = "", relation = "", right = ""] = /(?:Solve|is) (.+?) (<|>|\\le|\\ge) (.+?)[.?] Give/.exec(s) ?? [];
    const [, open, low = "", high = "", end] = /^([[(])(\S+), (\S+)([\])])$/.exec(a) ?? [];
    const bound = decimal(low === "-\\infty" ? high : low);
    if (!close(evaluate(left, { x: bound }), evaluate(right, { x: bound }))) return false;
    const inside = low === "-\\infty" ? end === "]" : open === "[";
    const at = (x: number) => holds(evaluate(left, { x }), relation, evaluate(right, { x }));
    const expected = [low === "-\\infty", inside, low !== "-\\infty"];
    return (low === "-\\infty") !== (high === "\\infty") && fraction(low === "-\\infty" ? high : low) !== undefined &&
      [bound - 0.5, bound, bound + 0.5].every((x, i) => at(x) === expected[i]);
  },
  "sum-difference": (s, a) => {
    if (s.startsWith("Solve")) {
      const [, one = "", other = ""] = /Solve (.+) and (.+)\. Give/.exec(s) ?? [];
      const [x = NaN, y = NaN] = points(a)[0] ?? [];
      return [one, other].every((equation) => {
        const [left = "", right = ""] = equation.split(" = ");
        return evaluate(left, { x, y }) === Number(right);
      });
    }
    const [total = 0, difference = 0] = ints(s);
    const other = total - Number(a);
    return s.includes("larger") ? Number(a) - other === difference : other - Number(a) === difference;
  },
  "shared-things": (s, a) => {
    if (s.includes("cost")) {
      const [low = 0, high = 0, count = 0, cost = 0] = ints(s);
      return Number(a) * high + (count - Number(a)) * low === cost;
    }
    const [total = 0, difference = 0] = ints(s);
    const [, richer] = /\. (\w+) has \d+ more/.exec(s) ?? [];
    const [, asked] = /does (\w+) have/.exec(s) ?? [];
    return Math.abs(2 * Number(a) - total) === difference && (2 * Number(a) > total) === (richer === asked);
  },
  quadratic: (s, a) => {
    const [, text = ""] = /(?:of|with) (.+) = 0/.exec(s) ?? [];
    const [c, one, minus] = [0, 1, -1].map((x) => evaluate(text, { x })) as [number, number, number];
    const [lead, middle] = [(one + minus) / 2 - c, (one - minus) / 2];
    const [, whole = "", under = "0"] = /^(-?\d+)(?: \+ \\sqrt\{(\d+)\})?$/.exec(a) ?? [];
    const x = Number(whole) + Math.sqrt(Number(under));
    const other = -middle / lead - x;
    return close(x * other, c / lead) && (s.includes("larger") ? x >= other : x <= other);
  },
  "arithmetic-sequence": (s, a) => {
    const numbers = ints(s);
    if (s.includes("changes by")) {
      const [i = 0, p = 0, j = 0, q = 0, n = 0] = numbers;
      return (Number(a) - p) * (j - i) === (q - p) * (n - i);
    }
    const [start = 0, step = 0, n = 0] = numbers;
    const all = Array.from({ length: n }, (_, i) => (s.includes("less") ? start - i * step : start + i * step));
    return isInteger(a, s.includes("sum") ? sum(all) : all.at(-1)!);
  },
  recursion: (s, a) => {
    const numbers = ints(s);
    if (!s.includes("before that")) {
      const [start, r, c, n] = big(numbers) as [bigint, bigint, bigint, bigint];
      const grown = r ** (n - 1n);
      return isInteger(a, start * grown + c * (grown - 1n) / (r - 1n));
    }
    const [first, second, p, q] = big(numbers) as [bigint, bigint, bigint, bigint];
    const m = s.includes("modulo") ? BigInt(numbers[4]!) : 0n;
    const at = (n: number): bigint => list[n] ??= ((v) => (m > 0n ? v % m : v))(p * at(n - 1) + q * at(n - 2));
    const list: bigint[] = [0n, first, second];
    return isInteger(a, at(numbers.at(-1)!));
  },
  "geometric-sequence": (s, a) => {
    const [start, r, n] = big(ints(s)) as [bigint, bigint, bigint];
    return isInteger(a, s.includes("sum") ? start * (r ** n - 1n) / (r - 1n) : start * r ** (n - 1n));
  },
  percent: (s, a) => {
    const numbers = ints(s);
    if (!s.includes("price")) return isRatio(a, numbers[0]! * numbers[1]!, 100);
    const factors = [...s.matchAll(/(rises|falls) by (\d+)/g)].map((
      [, verb, n],
    ) => (verb === "rises" ? 100 + Number(n) : 100 - Number(n)));
    const [top, bottom] = [product(factors), 100n ** BigInt(factors.length)];
    return s.startsWith("A price of")
      ? isRatio(a, BigInt(numbers[0]!) * top, bottom)
      : BigInt(a) * top === BigInt(numbers.at(-1)!) * bottom;
  },
  "unit-price": (s, a) => {
    const known = [...s.matchAll(/(\d+) (\w+) costs? (\d+)/g)];
    const wanted = new Map(
      [...s.slice(s.toLowerCase().indexOf("how many")).matchAll(/(\d+) (\w+)/g)].map(([, n, thing]) => [thing, n]),
    );
    const [top, bottom] = known.reduce(([n, d], [, count, thing, cost]) => {
      const [c, k, w] = big([cost, count, wanted.get(thing!)]) as [bigint, bigint, bigint];
      return [n * k + c * w * d, d * k] as [bigint, bigint];
    }, [0n, 1n] as [bigint, bigint]);
    return wanted.size === known.length && isRatio(a, top, bottom);
  },
  average: (s, a) => isRatio(a, sum(ints(s)), ints(s).length),
  "same-speed": (s, a) => {
    const [one = 0, hours = 0, ...rest] = ints(s);
    if (s.includes("together")) return isRatio(a, (one * rest[1]! + rest[0]! * hours) * rest[2]!, hours * rest[1]!);
    return s.includes("need") ? isRatio(a, rest[0]! * hours, one) : isRatio(a, one * rest[0]!, hours);
  },
  "similar-triangles": (s, a) => {
    const [one = 0, other = 0, image = 0] = ints(s);
    return s.includes("area") ? isRatio(a, other * other * image, one * one) : isRatio(a, other * image, one);
  },
  "work-rate": (s, a) => {
    const numbers = ints(s);
    if (s.includes("needs")) {
      const all = product(numbers);
      return isRatio(a, all, numbers.reduce((total, n) => total + all / BigInt(n), 0n));
    }
    const rates = [...s.matchAll(/finds (\d+)/g)].map(([, n]) => Number(n));
    return sum(rates) * Number(a) === numbers.at(-1);
  },
  mixture: (s, a) => {
    const parts = [...s.matchAll(/(\d+) kg of nuts at (\d+)/g)].map(([, n, price]) =>
      [Number(n), Number(price)] as const
    );
    return isRatio(a, sum(parts.map(([n, price]) => n * price)), sum(parts.map(([n]) => n)));
  },
  midpoint: (s, a) => {
    const all = points(s);
    const [, x = "", y = ""] = /^\((.+), (.+)\)$/.exec(a) ?? [];
    return isRatio(x, sum(all.map(([px]) => px)), all.length) && isRatio(y, sum(all.map(([, py]) => py)), all.length);
  },
  gcd: commonDivisor,
  "equal-pieces": commonDivisor,
  "equal-bags": commonDivisor,
  lcm: (s, a) => {
    const numbers = big(ints(s));
    const multiple = BigInt(a);
    if (numbers.some((n) => multiple % n !== 0n)) return false;
    // No smaller one: the quotients have no common divisor.
    return numbers.map((n) => multiple / n).reduce(binaryGcd) === 1n;
  },
  "lowest-terms": (s, a) => {
    const numbers = ints(s);
    return isRatio(a, product(numbers.filter((_, i) => i % 2 === 0)), product(numbers.filter((_, i) => i % 2 === 1)));
  },
  "fraction-sum": (s, a) => {
    const numbers = big(ints(s));
    const all = numbers.filter((_, i) => i % 2 === 1).reduce((p, d) => p * d, 1n);
    const top = numbers.reduce((total, n, i) => (i % 2 === 0 ? total + n * all / numbers[i + 1]! : total), 0n);
    return isRatio(a, top, all);
  },
  "divisor-count": (s, a) => {
    const [n = 0] = ints(s);
    let count = 0;
    for (let d = 1; d * d <= n; d++) if (n % d === 0) count += d * d === n ? 1 : 2;
    return isInteger(a, count);
  },
  clock: (s, a) => {
    const size = Number(/clock with (\d+) hours/i.exec(s)![1]);
    const total = sum(ints(s)) - size;
    return Number(a) > 0 && Number(a) < size && (total - Number(a)) % size === 0;
  },
  "modular-arithmetic": (s, a) => {
    const numbers = big(ints(s));
    const m = numbers.at(-1)!;
    return isInteger(a, (numbers.slice(0, -2).reduce((p, n) => p * n, 1n) + numbers.at(-2)!) % m);
  },
  leftovers: (s, a) => {
    const [groups, size, rest, m] = big(ints(s)) as [bigint, bigint, bigint, bigint];
    return isInteger(a, (groups * size + rest) % m);
  },
  "power-mod": (s, a) => {
    const [base = 0, exponent = 0, m = 1] = ints(s);
    return isInteger(a, power(base, exponent, m));
  },
  "last-digit": (s, a) => {
    const [base = 0, exponent = 0] = ints(s.slice(s.indexOf(" of ")));
    const digits = Number(/last (\d+) digits/.exec(s)?.[1] ?? 1);
    return isInteger(a, power(base, exponent, 10 ** digits));
  },
  "from-base": (s, a) => {
    const [, base = "", digits = ""] = /base (\d+) number (\d+)/.exec(s) ?? [];
    return isInteger(a, parseInt(digits, Number(base)));
  },
  "to-base": (s, a) => {
    const [n = 0, base = 2] = ints(s);
    return a === n.toString(base);
  },
  "fewest-coins": (s, a) => {
    const values = ints(s);
    const amount = values.pop()!;
    if (amount > 3000) {
      return isInteger(
        a,
        sum(values.map((value, i) => Math.floor(amount % (values[i - 1] ?? Infinity) / value))),
      );
    }
    const fewest = [0];
    for (let n = 1; n <= amount; n++) {
      fewest.push(1 + Math.min(...values.filter((value) => value <= n).map((value) => fewest[n - value]!)));
    }
    return isInteger(a, fewest[amount]!);
  },
  "digit-sum": (s, a) => isInteger(a, sum([...product(ints(s)).toString()].map(Number))),
  outfits: (s, a) => {
    const free = /leave out the (.+)\. How/.exec(s)?.[1] ?? "";
    const items = [...s.matchAll(/(\d+) (\w+)/g)];
    return isInteger(a, product(items.map(([, n, name]) => (free.includes(name!) ? Number(n) + 1 : Number(n)))));
  },
  "club-roles": (s, a) => {
    const [n = 0, hats = 0] = ints(s);
    const roles = [...s.matchAll(/\ba (?!club|hat)\w+/g)].length;
    const factorial = (k: number) => product(Array.from({ length: k }, (_, i) => i + 1));
    return isInteger(a, factorial(n) / factorial(n - roles) * BigInt(hats));
  },
  committees: (s, a) => {
    const [, have = "", want = ""] = /^(.+)\. How many ways are there to pick (.+)\?$/.exec(s) ?? [];
    const [of, picked] = [ints(have), ints(want)];
    return of.length === picked.length && isInteger(a, product(of.map((n, i) => pascal(n, picked[i]!))));
  },
  handshakes: (s, a) => {
    const [n = 0, k = 2] = ints(s);
    return isInteger(a, pascal(n, k));
  },
  "lattice-paths": (s, a) => {
    const [, [x = 0, y = 0] = [], [px = 0, py = 0] = []] = points(s);
    return isInteger(a, gridPaths(px, py) * gridPaths(x - px, y - py));
  },
  "flag-rows": (s, a) => {
    const counts = ints(s);
    const factorial = (k: number) => product(Array.from({ length: k }, (_, i) => i + 1));
    return isInteger(a, counts.reduce((ways, count) => ways / factorial(count), factorial(sum(counts))));
  },
  overlap: (s, a) => {
    const numbers = ints(s);
    if (numbers.length === 4) {
      const [all = 0, one = 0, other = 0, both = 0] = numbers;
      return isInteger(a, all - (one - both) - (other - both) - both);
    }
    const [all = 0, x = 0, y = 0, z = 0, xy = 0, xz = 0, yz = 0, xyz = 0] = numbers;
    const regions = [x - xy - xz + xyz, y - xy - yz + xyz, z - xz - yz + xyz, xy - xyz, xz - xyz, yz - xyz, xyz];
    return regions.every((region) => region >= 0) && isInteger(a, all - sum(regions));
  },
  "truth-chain": (s, a) => {
    const claims = [...s.matchAll(/(\w+) says (\w+) (lies|tells)/g)].map(([, who, whom, what]) => ({
      who,
      whom,
      truth: what === "tells",
    }));
    const names = [...new Set(claims.flatMap(({ who, whom }) => [who!, whom!]))];
    const [, first = "", kind] = /^(\w+) (lies|tells)/.exec(s) ?? [];
    const counts = new Set<number>();
    for (let mask = 0; mask < 2 ** names.length; mask++) {
      const honest = (name: string | undefined) => ((mask >> names.indexOf(name ?? "")) & 1) === 1;
      if (honest(first) !== (kind === "tells")) continue;
      if (claims.every(({ who, whom, truth }) => honest(who) === (honest(whom) === truth))) {
        counts.add(names.filter((name) => !honest(name)).length);
      }
    }
    return counts.size === 1 && isInteger(a, [...counts][0]!);
  },
  urn: (s, a) => {
    const [told = "", asked = ""] = s.split(" balls.");
    const balls = [...told.matchAll(/(\d+) (\w+)/g)].map(([, n, name]) => ({ n: Number(n), name: name! }));
    const [, not, colour] = /(?:it|them) is (not )?(\w+)\?/.exec(asked) ?? [];
    const wanted = sum(balls.filter(({ name }) => (name === colour) === (not === undefined)).map(({ n }) => n));
    const draws = BigInt(/(\d+) times/.exec(asked)?.[1] ?? 1);
    return isRatio(a, BigInt(wanted) ** draws, BigInt(sum(balls.map(({ n }) => n))) ** draws);
  },
  "numbered-balls": (s, a) => {
    const [, n = 0, k = 1, l] = ints(s);
    if (s.includes("more than")) return isRatio(a, n - k, n);
    // The pattern repeats after k * l.
    const count = (end: number) => {
      let found = 0;
      for (let i = k; i <= end; i += k) if (l === undefined || i % l !== 0) found++;
      return found;
    };
    const period = k * (l ?? 1);
    return isRatio(a, Math.floor(n / period) * count(period) + count(n % period), n);
  },
  "two-dice": (s, a) => {
    const [, n = 0, total = 0] = ints(s);
    let ways = 0;
    for (let i = 1; i <= n; i++) if (total - i >= 1 && total - i <= n) ways++;
    return isRatio(a, ways, BigInt(n) ** 2n);
  },
  "two-draws": (s, a) => {
    const [red = 0, blue = 0, k = 0] = ints(s);
    return isRatio(a, pascal(red, k), pascal(red + blue, k));
  },
  rectangle: (s, a) => {
    const [long = 0, wide = 0, path = 0] = ints(s);
    if (s.includes("path")) return isInteger(a, 2 * path * (long + wide) + 4 * path * path);
    if (s.includes("with the area")) return (Number(a) / 2 - wide) * wide === long;
    return isInteger(a, s.includes("perimeter") ? long + wide + long + wide : long * wide);
  },
  "triangle-area": (s, a) => {
    const numbers = ints(s);
    if (s.includes("corners")) {
      const all = points(s);
      const doubled = sum(all.map(([x, y], i) => x! * all[(i + 1) % 3]![1]! - all[(i + 1) % 3]![0]! * y!));
      return isRatio(a, Math.abs(doubled), 2);
    }
    if (numbers.length === 3) return isRatio(a, numbers[0]! * numbers[2]! + numbers[1]! * numbers[2]!, 2);
    return isRatio(a, numbers[0]! * numbers[1]!, 2);
  },
  circle: (s, a) => {
    const [one = 0, other = 0] = ints(s);
    if (s.includes("sector")) return timesPi(a, one * one * other, 360);
    if (s.includes("between")) return timesPi(a, (one - other) * (one + other));
    if (s.includes("cylinder")) return timesPi(a, 2 * one * (one + other));
    if (s.includes("area")) return s.includes("diameter") ? timesPi(a, one * one, 4) : timesPi(a, one * one);
    return timesPi(a, s.includes("diameter") ? one : 2 * one);
  },
  pythagoras: (s, a) => {
    const numbers = big(ints(s));
    const square = squared(a);
    const [x = 0n, y = 0n, z = 0n] = numbers;
    if (square === undefined) return false;
    if (s.includes("box")) return square === x * x + y * y + z * z;
    if (s.includes("base")) return 4n * square === 4n * y * y - x * x;
    return s.includes("third side") ? square === (y - x) * (y + x) : square === x * x + y * y;
  },
  distance: (s, a) => {
    const [p = [], q = []] = points(s);
    return squared(a) === p.reduce((total, x, i) => total + BigInt(q[i]! - x) ** 2n, 0n);
  },
  angles: (s, a) => {
    const numbers = ints(s.replace(/(?:figure|polygon) with \d+ sides/, ""));
    const named = Number(/with (\d+) sides/.exec(s)?.[1] ?? 3);
    // Outer angles of a convex polygon make one turn.
    if (s.includes("are equal")) return isRatio(a, 180 * named - 360, named);
    return numbers.length === named - 1 && sum([...numbers, Number(a)].map((angle) => 180 - angle)) === 360;
  },
  "polygon-sum": (s, a) => {
    if (s.startsWith("What")) return isInteger(a, 180 * ints(s)[0]! - 360);
    const [, angle = ""] = /is (\S+) degrees/.exec(s) ?? [];
    return isRatio(angle, 180 * Number(a) - 360, Number(a));
  },
  "single-event": (s, a) => isInteger(a, comingAndGoing(s, ints(s)[0]!)),
  "simple-equation": (s, a) => {
    const [, left = "", right = ""] = /(?:: |if |with )([^=]+) = ([^=?]+?)[.?]$/.exec(s) ?? [];
    return /^-?\d+$/.test(a) && evaluate(left, { x: Number(a) }) === evaluate(right, { x: Number(a) });
  },
  "things-for-coins": (s, a) => {
    const numbers = big(ints(s));
    const [count = 0n, cost = 0n, other = 0n, otherCost = 0n, others = 0n] = numbers;
    // Cross products: what is bought costs what is paid.
    return numbers.length === 3
      ? BigInt(a) * cost === other * count
      : BigInt(a) * cost * other === others * otherCost * count;
  },
  "average-of-two": (s, a) => isRatio(a, sum(ints(s)), ints(s).length),
  "sum-remainder": (s, a) => {
    const numbers = big(ints(s));
    const m = numbers.pop()!;
    return isInteger(a, numbers.reduce((rest, n) => (rest + n % m) % m, 0n));
  },
  "clock-earlier": (s, a) => {
    const size = Number(/clock with (\d+) hours/i.exec(s)![1]);
    const shown = Number(/(?:shows|It is hour) (\d+)/.exec(s)![1]);
    const moves = sum(ints(s)) - size - shown;
    return Number(a) > 0 && Number(a) < size && (Number(a) + moves - shown) % size === 0;
  },
  "lowest-quotient": (s, a) => {
    const [top = "", bottom = ""] = s.split(" divided by ");
    return isRatio(a, product(ints(top)), product(ints(bottom)));
  },
  "digit-pair-sum": (s, a) => {
    let [n, total] = [BigInt(/\d+/.exec(s)![0]), 0n];
    for (; n > 0n; n /= 10n) total += n % 10n;
    return isInteger(a, total);
  },
  "pair-outfits": (s, a) => isInteger(a, product(ints(s))),
  "role-and-hat": (s, a) => {
    const [told = "", asked = ""] = s.split(". How");
    const [n = 0, ...counts] = ints(told);
    const roles = [...asked.matchAll(/\ba \w+/g)].length - counts.length;
    const factorial = (k: number) => product(Array.from({ length: k }, (_, i) => i + 1));
    return isInteger(a, factorial(n) / factorial(n - roles) * product(counts));
  },
  "sing-or-dance": (s, a) => {
    const [x = 0, y = 0, z = 0, xy = 0, xz = 0, yz = 0, xyz = 0] = ints(s);
    if (ints(s).length === 3) return isInteger(a, (x - z) + (y - z) + z);
    const regions = [x - xy - xz + xyz, y - xy - yz + xyz, z - xz - yz + xyz, xy - xyz, xz - xyz, yz - xyz, xyz];
    return regions.every((region) => region >= 0) && isInteger(a, sum(regions));
  },
  "urn-two-colours": (s, a) => {
    const [told = "", asked = ""] = s.split(" balls.");
    const balls = [...told.matchAll(/(\d+) (\w+)/g)].map(([, n, name]) => ({ n: Number(n), name: name! }));
    const [, one, other] = /(?:it|them) is (\w+) or (\w+)\?/.exec(asked) ?? [];
    const others = sum(balls.filter(({ name }) => name !== one && name !== other).map(({ n }) => n));
    const [total, draws] = [sum(balls.map(({ n }) => n)), BigInt(/(\d+) times/.exec(asked)?.[1] ?? 1)];
    return isRatio(a, BigInt(total - others) ** draws, BigInt(total) ** draws);
  },
  square: (s, a) => {
    const [side = 0n, second = 0n] = big(ints(s));
    if (s.includes("path")) return isInteger(a, 4n * second * (side + second));
    if (s.includes("has the perimeter")) return 16n * BigInt(a) === side * side;
    return isInteger(a, s.includes("perimeter") ? 4n * side : side ** 2n);
  },
  "right-triangle-area": (s, a) => isRatio(a, product(ints(s)), 2),
  "two-circles": (s, a) => {
    const radii = ints(s);
    const all = radii.length === 1 ? [...radii, ...radii] : radii;
    return timesPi(
      a,
      s.includes("area") ? sum(all.map((radius) => radius ** 2)) : sum(all.map((radius) => 2 * radius)),
    );
  },
  "rectangle-diagonal": (s, a) => {
    const [x = 0n, y = 0n] = big(ints(s));
    const square = squared(a);
    return s.includes("other side") ? square === (y - x) * (y + x) : square === x * x + y * y;
  },
  "right-angle": (s, a) => {
    // Outer angles make one turn.
    const known = s.includes("triangle") ? [90] : [90, 90];
    const angles = [...known, ...ints(s.replace(/with \d+ sides/, "")), Number(a)];
    return angles.length === Number(/with (\d+) sides/.exec(s)?.[1] ?? 3) && sum(angles.map((x) => 180 - x)) === 360;
  },
  "equal-angles": (s, a) => {
    const n = Number(/with (\d+) sides/.exec(s)?.[1] ?? 3);
    const angle = Number(/are (\d+) degrees each/.exec(s)![1]);
    return (n - 1) * (180 - angle) + 180 - Number(a) === 360;
  },
};

const COMBINED = /^(.*What is )(\d+) (more than|less than|times) ((?:the|its) [^?]*\?)$/;

/** Of a combined family: the base's oracle on the base's question, with the operation taken back from the answer. */
function combinedOracle(base: Oracle): Oracle {
  return (statement, answer) => {
    const [, told = "", operand = "", words, asked = ""] = COMBINED.exec(statement) ?? [];
    const [n, result] = big([operand, answer]) as [bigint, bigint];
    if (words === "times" && result % n !== 0n) return false;
    const value = words === "times" ? result / n : words === "more than" ? result - n : result + n;
    return base(`${told}${asked}`, String(value));
  };
}

/** Oracle of a family. */
export function oracleOf(id: string): Oracle | undefined {
  const [, base = ""] = /^(.+)-(?:more|less|times)$/.exec(id) ?? [];
  const combined = ORACLES[base];
  return ORACLES[id] ?? (combined === undefined ? undefined : combinedOracle(combined));
}
