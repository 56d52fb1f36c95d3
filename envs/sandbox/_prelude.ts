/**
 * The guest's side of the sandbox: a script that runs before any agent code and keeps what it needs in a closure.
 *
 * Contract: evaluates to `(host) => kit`; `kit.configure(config)` must come first. `host(operation, a, b, c)` is the
 * only way out; the kit holds the functions that the host calls. Agent code reaches neither. Text crosses as JSON, so
 * that NUL and lone surrogates survive.
 * Choices: built-ins that run long without asking the interrupt handler (array methods on sparse arrays and array-likes,
 * substring search) get a bound on their work, and what they go through is reported to the host, which charges for it;
 * whatever makes code from text, hides `length` behind a trap, or shows the garbage collector at work is removed, and so
 * is BigInt, whose operators can take seconds each.
 *
 * @module
 */

/** What `config` holds, as JSON. */
export interface PreludeConfig {
  /** API names of each app. */
  readonly apis: Readonly<Record<string, readonly string[]>>;
  /** Frozen time, ms since 1970 in UTC. */
  readonly now: number;
  /** State of `Math.random`, four unsigned 32-bit integers. */
  readonly seed: readonly number[];
  /** Longest text that one print sends, characters. */
  readonly outputCharacters: number;
}

/** Operations of the host function. */
export const HOST_OPERATION = { call: 0, print: 1, entered: 2, returned: 3, failed: 4, work: 5 } as const;

/** File name of the prelude in stack traces. */
export const PRELUDE_FILE = "prelude";

/** Source of the prelude. */
export const PRELUDE = String.raw`(function (host) {
"use strict";
const { parse, stringify } = JSON;
const { apply, ownKeys, getOwnPropertyDescriptor: describeProperty, defineProperty, deleteProperty } = Reflect;
const { isArray } = Array, { keys, create, freeze, getPrototypeOf, is } = Object;
const text = String, number = Number, NativeError = Error, NativeRangeError = RangeError, NativeTypeError = TypeError;
const NativeMap = Map, NativeSet = Set, NativeDate = Date, NativePromise = Promise, NativeProxy = Proxy;
const mapEntries = Map.prototype.entries, setValues = Set.prototype.values;
const slice = String.prototype.slice, then = Promise.prototype.then, toIso = Date.prototype.toISOString;
const mapNext = getPrototypeOf(new Map().entries()).next, setNext = getPrototypeOf(new Set().values()).next;
const hasOwn = Object.prototype.hasOwnProperty, test = RegExp.prototype.test, exec = RegExp.prototype.exec;
const global = globalThis;
let config = { apis: {}, now: 0, outputCharacters: 0 };
// Items that built-ins went through and that the host does not know of yet.
let unreported = 0;
const work = (items) => {
  unreported += items;
  if (unreported < 100000) return;
  const reply = host(5, text(unreported));
  // What is left is reported by the next call, so that a step that has ended stays ended.
  if (reply !== "") throw new Exception(parse(apply(slice, reply, [3])));
  unreported = 0;
};
const hidden = (object, name, value) =>
  defineProperty(object, name, { value, writable: true, configurable: true, enumerable: false });

class Exception extends NativeError {}
hidden(Exception.prototype, "name", "Exception");
hidden(global, "Exception", Exception);

// APIs
const show = (names) => { let line = ""; for (let i = 0; i < names.length; i++) line += (i ? ", " : "") + names[i]; return line; };
const plain = (value) => typeof value === "object" && value !== null && !isArray(value);
const makeApi = (app, api) => {
  const call = function (...args) {
    if (args.length > 1 || (args.length === 1 && !plain(args[0]))) {
      throw new Exception(app + "." + api + " takes one object with named arguments, like apis." + app + "." + api +
        "({ name: value }); positional arguments are not allowed");
    }
    const sent = args.length === 0 ? "{}" : stringify(args[0]);
    work(sent?.length ?? 0);
    if (typeof sent !== "string" || sent[0] !== "{") throw new Exception(app + "." + api + " takes one object with named arguments");
    const reply = host(0, app, api, sent);
    const status = number(apply(slice, reply, [0, 3])), body = apply(slice, reply, [3]);
    if (status === 0) throw new Exception(parse(body));
    if (status >= 400) throw new Exception("Response status code is " + status + ":\n" + body);
    return parse(body);
  };
  hidden(call, "name", api);
  return freeze(call);
};
const closed = (what, names, make) => {
  const made = create(null), target = create(null);
  for (let i = 0; i < names.length; i++) target[names[i]] = undefined;
  return new NativeProxy(target, {
    get(_, key) {
      if (typeof key === "symbol" || key === "then" || key === "toJSON") return undefined;
      if (!apply(hasOwn, target, [key])) {
        if (key in Object.prototype) return Object.prototype[key];
        throw new Exception(what(key) + " Allowed: " + show(names) + ".");
      }
      return made[key] ??= make(key);
    },
    set(_, key) { throw new NativeTypeError("apis cannot be changed: " + text(key)); },
    defineProperty(_, key) { throw new NativeTypeError("apis cannot be changed: " + text(key)); },
    deleteProperty(_, key) { throw new NativeTypeError("apis cannot be changed: " + text(key)); },
    setPrototypeOf() { return false; },
    preventExtensions() { return false; },
    getPrototypeOf() { return null; },
  });
};
// Printing
const listed = (iterator, next) => {
  const items = [];
  for (let i = 0, step = apply(next, iterator, []); !step.done; step = apply(next, iterator, [])) items[i++] = step.value;
  return items;
};
const replacer = function (key, value) {
  if (typeof value === "bigint") return text(value);
  if (typeof value === "function") return "[function " + value.name + "]";
  if (value instanceof NativeSet) return listed(apply(setValues, value, []), setNext);
  if (value instanceof NativeMap) return listed(apply(mapEntries, value, []), mapNext);
  if (value instanceof NativeError) return value.name + ": " + value.message;
  return value;
};
const format = (value, pretty) => {
  if (typeof value !== "object" || value === null) return typeof value === "function" ? "[function " + value.name + "]" : text(value);
  try {
    if (value instanceof NativeDate) return apply(toIso, value, []);
    if (value instanceof NativeError) return value.name + ": " + value.message;
    const line = stringify(value, replacer);
    if (typeof line !== "string") return text(line);
    work(line.length);
    return pretty && line.length >= 100 ? stringify(value, replacer, 1) : line;
  } catch (error) {
    return isArray(value) ? "[array]" : "[object]";
  }
};
const print = function print(...values) {
  let line = "";
  for (let i = 0; i < values.length; i++) line += (i ? " " : "") + format(values[i], values.length === 1);
  work(line.length);
  host(1, stringify(apply(slice, line, [0, config.outputCharacters + 1])), text(line.length));
};
hidden(global, "print", print);
hidden(global, "console", { log: print, info: print, warn: print, error: print, debug: print });
const refuse = (name) => hidden(global, name, function () { throw new Exception(name + "() is not available"); });
refuse("input"); refuse("prompt"); refuse("alert");

// Time
const zoned = /(?:Z|[+-]\d\d:?\d\d|GMT|UTC)\s*$/i, isoTime = /^\d{4}-\d\d-\d\dT/, isoDate = /^\d{4}(?:-\d\d){0,2}$/;
const nativeParse = NativeDate.parse, utc = NativeDate.UTC;
const parseDate = (value) => nativeParse(
  apply(exec, zoned, [value]) || apply(exec, isoDate, [value]) ? value : value + (apply(exec, isoTime, [value]) ? "Z" : " UTC"));
const FrozenDate = function Date(...args) {
  if (new.target === undefined) return text(new NativeDate(config.now));
  let time = config.now;
  if (args.length === 1) {
    const only = args[0] instanceof NativeDate ? +args[0] : args[0];
    time = typeof only === "string" ? parseDate(only) : number(only);
  } else if (args.length > 1) time = apply(utc, NativeDate, args);
  const made = new NativeDate(time);
  return new.target === FrozenDate ? made : Object.setPrototypeOf(made, new.target.prototype);
};
const dates = NativeDate.prototype;
FrozenDate.prototype = dates;
hidden(dates, "constructor", FrozenDate);
hidden(FrozenDate, "now", () => config.now);
hidden(FrozenDate, "UTC", utc);
hidden(FrozenDate, "parse", (value) => parseDate(text(value)));
for (const part of ["FullYear", "Month", "Date", "Hours", "Minutes", "Seconds", "Milliseconds", "Day"]) {
  hidden(dates, "get" + part, dates["getUTC" + part]);
  if (part !== "Day") hidden(dates, "set" + part, dates["setUTC" + part]);
}
const cutIso = (from, to) => function () { return apply(slice, apply(toIso, this, []), [from, to]); };
hidden(dates, "getTimezoneOffset", () => 0);
hidden(dates, "toString", dates.toUTCString);
hidden(dates, "toDateString", cutIso(0, 10));
hidden(dates, "toTimeString", cutIso(11, 19));
hidden(dates, "toLocaleString", function () { return apply(cutIso(0, 10), this, []) + " " + apply(cutIso(11, 19), this, []); });
hidden(dates, "toLocaleDateString", cutIso(0, 10));
hidden(dates, "toLocaleTimeString", cutIso(11, 19));
hidden(global, "Date", FrozenDate);
hidden(global, "performance", { now: () => 0 });
const later = (task, _, ...args) => { apply(then, NativePromise.resolve(), [() => { apply(task, undefined, args); }]); return 0; };
hidden(global, "setTimeout", later);
hidden(global, "setInterval", () => 0);
hidden(global, "clearTimeout", () => {});
hidden(global, "clearInterval", () => {});
hidden(global, "queueMicrotask", (task) => { later(task); });
hidden(global, "sleep", () => {});

// Randomness: sfc32
let a = 0, b = 0, c = 0, counter = 0;
const random = () => {
  const t = (a + b | 0) + counter | 0;
  counter = counter + 1 | 0; a = b ^ b >>> 9; b = c + (c << 3) | 0; c = (c << 21 | c >>> 11) + t | 0;
  return (t >>> 0) / 4294967296;
};
hidden(Math, "random", random);

// Code from text, traps, shared memory and the garbage collector
for (const sample of [function () {}, async function () {}, function* () {}, async function* () {}]) {
  const prototype = getPrototypeOf(sample);
  const stub = function Function() { throw new NativeTypeError("Code cannot be made from text"); };
  stub.prototype = prototype;
  hidden(prototype, "constructor", stub);
  if (prototype === Function.prototype) hidden(global, "Function", stub);
}
for (const name of ["eval", "Proxy", "SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry", "BigInt", "BigInt64Array",
  "BigUint64Array"]) deleteProperty(global, name);
for (const name of ["getBigInt64", "getBigUint64", "setBigInt64", "setBigUint64"]) deleteProperty(DataView.prototype, name);

// Bounds on built-ins that do not ask the interrupt handler
const MOST_ITEMS = 4e6, MOST_STEPS = 2e8;
const checkLength = (list) => {
  if (typeof list !== "object" || list === null) return;
  const own = isArray(list) ? list.length : describeProperty(list, "length")?.value;
  if (own === undefined && !("length" in list)) return;
  if (typeof own !== "number" || own > MOST_ITEMS) throw new NativeRangeError("The list is too long");
  work(own);
};
const bounded = (prototype, name, check) => {
  const native = prototype[name];
  if (typeof native !== "function") return;
  const guard = { [name](...args) { check(this, args); return apply(native, this, args); } }[name];
  defineProperty(guard, "length", { value: native.length, configurable: true });
  hidden(prototype, name, guard);
};
for (const name of ["every", "some", "forEach", "map", "filter", "reduce", "reduceRight", "fill", "find", "findIndex", "findLast",
  "findLastIndex", "indexOf", "lastIndexOf", "includes", "join", "toString", "toLocaleString", "shift", "unshift", "reverse",
  "toReversed", "sort", "toSorted", "slice", "splice", "toSpliced", "with", "copyWithin", "flatMap"]) {
  bounded(Array.prototype, name, checkLength);
}
bounded(Array.prototype, "concat", (list, args) => {
  checkLength(list);
  for (let i = 0; i < args.length; i++) checkLength(args[i]);
});
const flatten = (into, list, depth) => {
  checkLength(list);
  for (let i = 0; i < list.length; i++) {
    if (!(i in list)) continue;
    if (depth > 0 && isArray(list[i])) flatten(into, list[i], depth - 1);
    else into[into.length] = list[i];
  }
  return into;
};
hidden(Array.prototype, "flat", { flat(depth = 1) { return flatten([], this, number(depth) || 0); } }.flat);
for (const name of ["indexOf", "lastIndexOf", "includes", "split", "replace", "replaceAll"]) {
  bounded(String.prototype, name, (list, args) => {
    if (plain(args[0])) {
      if (args[0] instanceof RegExp) return;
      args[0] = text(args[0]);
    }
    if (typeof args[0] === "string" && typeof list === "string") {
      if (list.length * args[0].length > MOST_STEPS) throw new NativeRangeError("The text to search is too long");
      work(list.length);
    }
  });
}
const longText = (list) => { if (typeof list === "string") work(list.length); };
for (const name of ["toUpperCase", "toLowerCase", "toLocaleUpperCase", "toLocaleLowerCase", "trim", "trimStart", "trimEnd", "normalize",
  "localeCompare", "isWellFormed", "toWellFormed", "concat", "startsWith", "endsWith", "match", "matchAll", "search"]) {
  bounded(String.prototype, name, longText);
}
bounded(String.prototype, "repeat", (list, args) => { if (typeof list === "string") work(list.length * (number(args[0]) || 0)); });
for (const name of ["padStart", "padEnd"]) bounded(String.prototype, name, (_, args) => { work(number(args[0]) || 0); });
bounded(String, "raw", (_, args) => { checkLength(args[0]?.raw); });
for (const name of ["encodeURIComponent", "encodeURI", "decodeURIComponent", "decodeURI", "escape", "unescape", "parseInt", "parseFloat"]) {
  bounded(global, name, (_, args) => { longText(args[0]); });
}
bounded(JSON, "parse", (_, args) => { longText(args[0]); });
const charged = (holder, name) => {
  const native = holder[name];
  if (typeof native !== "function") return;
  const guard = { [name](...args) {
    const made = apply(native, this, args);
    work((typeof made === "string" || isArray(made)) ? made.length : 0);
    return made;
  } }[name];
  defineProperty(guard, "length", { value: native.length, configurable: true });
  hidden(holder, name, guard);
};
charged(JSON, "stringify");
for (const name of ["keys", "values", "entries", "getOwnPropertyNames", "getOwnPropertySymbols"]) charged(Object, name);
charged(Reflect, "ownKeys");
for (const name of ["assign", "freeze", "isFrozen", "seal", "isSealed", "getOwnPropertyDescriptors", "defineProperties"]) {
  bounded(Object, name, (_, args) => {
    for (let i = 0; i < args.length; i++) if (typeof args[i] === "object" && args[i] !== null) work(ownKeys(args[i]).length);
  });
}
const typed = getPrototypeOf(Uint8Array.prototype), typedLength = describeProperty(typed, "length").get;
for (const name of ["fill", "indexOf", "lastIndexOf", "includes", "join", "toString", "toLocaleString", "reverse", "toReversed", "sort",
  "toSorted", "with", "set", "slice", "copyWithin"]) {
  // Sorting goes through its items several times.
  bounded(typed, name, (list) => { work(apply(typedLength, list, []) * (name === "sort" || name === "toSorted" ? 20 : 1)); });
}
if (typeof Iterator === "function") {
  bounded(Iterator.prototype, "drop", (_, args) => { if (number(args[0]) > MOST_ITEMS) throw new NativeRangeError("The list is too long"); });
}
// A set-like argument may go on for ever; a copy of it is made in steps that can be interrupted.
for (const name of ["union", "intersection", "difference", "symmetricDifference", "isSubsetOf", "isSupersetOf", "isDisjointFrom"]) {
  bounded(Set.prototype, name, (_, args) => { args[0] = new NativeSet(args[0]); });
}

// What the host calls
const open = (error) => {
  if (typeof error !== "object" || error === null) return ["Error", format(error, false), ""];
  const own = describeProperty(error, "stack")?.value;
  let name = "Error", message = "";
  if (error instanceof NativeError) { name = text(error.name); message = text(error.message); } else message = format(error, false);
  return [name, message, typeof own === "string" ? own : ""];
};
let saved;
const kit = {
  configure(configText) {
    config = parse(configText);
    [a, b, c, counter] = config.seed;
    for (let i = 0; i < 12; i++) random();
    hidden(global, "apis", closed((app) => "There is no app named " + app + ".", keys(config.apis), (app) =>
      closed((api) => "There is no API named " + api + " in the app " + app + ".", config.apis[app], (api) => makeApi(app, api))));
  },
  describe(error) {
    let parts;
    try { parts = open(error); } catch (_) { parts = ["Error", "[object]", ""]; }
    const most = config.outputCharacters + 1;
    return stringify(apply(slice, parts[0], [0, 200])) + "\n" + stringify(apply(slice, parts[1], [0, most])) + "\n" +
      stringify(apply(slice, parts[2], [0, 100000])) + "\n" + parts[1].length;
  },
  snapshot() {
    saved = create(null);
    const names = ownKeys(global);
    for (let i = 0; i < names.length; i++) saved[names[i]] = describeProperty(global, names[i]);
  },
  restore() {
    const names = ownKeys(global);
    for (let i = 0; i < names.length; i++) {
      const before = saved[names[i]];
      if (before === undefined && !deleteProperty(global, names[i])) global[names[i]] = undefined;
    }
    const old = ownKeys(saved);
    for (let i = 0; i < old.length; i++) {
      if (!is(describeProperty(global, old[i])?.value, saved[old[i]].value)) defineProperty(global, old[i], saved[old[i]]);
    }
    saved = undefined;
  },
  instrument(name) {
    const inner = global[name];
    if (typeof inner !== "function") return;
    const outer = function (...args) {
      const frame = host(2, name);
      let result;
      try { result = apply(inner, this, args); } catch (error) { host(4, frame); throw error; }
      host(3, frame);
      return result;
    };
    hidden(outer, "name", name);
    hidden(outer, "toString", () => text(inner));
    defineProperty(global, name, { value: outer, writable: true, configurable: true, enumerable: true });
  },
};
return kit;
})`;
