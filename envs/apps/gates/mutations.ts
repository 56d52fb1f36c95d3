/**
 * Ways in which an agent typically goes wrong, as interferences with a reference solution: a task is well made if its grader
 * notices each that makes a difference.
 *
 * Contract: every mutation is deterministic and generic: it knows nothing of the task. Reads are calls by GET; sign-in and the end
 * of the task are never touched, but for the answer.
 *
 * @module
 */
import type { Json } from "../../../data/canonical.ts";
import { addDays, isDate } from "../calendar.ts";
import { CATALOGUE } from "../catalogue.ts";
import { CLUBS } from "../pools/words.ts";
import { type Api, DEFAULT_PAGE_SIZE } from "../schema.ts";
import type { Caller, Interference, ProgramCall } from "./run_program.ts";

type Answer = string | number | null | undefined;
type Fields = Readonly<Record<string, Json>>;

/** One mutation. */
export interface Mutation {
  readonly name: string;
  /** What the agent got wrong. */
  readonly about: string;
  readonly interfere?: Interference;
  readonly alter?: (answer: Answer) => Answer;
}

function apiOf({ app, api }: ProgramCall): Api | undefined {
  return CATALOGUE.get(app)?.apis.find(({ name }) => name === api);
}

const UTILITIES = new Set(["guide", "principal"]);

function isRead(call: ProgramCall): boolean {
  return !UTILITIES.has(call.app) && apiOf(call)?.method === "GET";
}

function isWrite(call: ProgramCall): boolean {
  return !UTILITIES.has(call.app) && call.api !== "log_in" && call.api !== "log_out" && apiOf(call)?.method !== "GET";
}

function isObject(value: Json | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value with every field of every object in it passed through a function. */
function mapFields(value: Json, change: (name: string, value: Json) => Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => mapFields(item, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, change(name, mapFields(inner ?? null, change))]),
  );
}

/** Changes what reads answer. */
function reads(change: (body: Json, call: ProgramCall) => Json): Interference {
  return (next) => (call) => {
    const reply = next(call);
    return isRead(call) && reply.status < 400 ? { ...reply, body: change(reply.body, call) } : reply;
  };
}

/** Changes fields that reads answer. */
function fields(change: (name: string, value: Json) => Json): Interference {
  return reads((body) => mapFields(body, change));
}

/** Text that is a date, or starts with one and goes on with a time. */
function shifted(value: Json, days: number): Json {
  if (Array.isArray(value)) return value.map((item: Json) => shifted(item, days));
  if (typeof value !== "string" || !isDate(value.slice(0, 10)) || !/^.{10}(T|$)/.test(value)) return value;
  return addDays(value, days) + value.slice(10);
}

/** Writes are looked at one by one; `change` says what becomes of the n-th of so many. */
function eachWrite(change: (call: ProgramCall, n: number, next: Caller) => ReturnType<Caller>): Interference {
  return (next) => {
    let n = 0;
    return (call) => (isWrite(call) ? change(call, n++, next) : next(call));
  };
}

/** Answer of a write that did not happen. */
function pretended(call: ProgramCall): ReturnType<Caller> {
  const returns = apiOf(call)?.returns;
  const ids = typeof returns === "object" && !Array.isArray(returns)
    ? Object.keys(returns).filter((name) => name.endsWith("_id")).map((name) => [name, 1])
    : [];
  return { status: 200, body: { note: "Done.", ...Object.fromEntries(ids) } };
}

/** E-mails and numbers of the user's address book, in order. */
function addressBook(run: Parameters<Interference>[1]): readonly (readonly [email: string, number: string])[] {
  const body = run.session.client(run.session.user)("handset", "list_contacts", { size: 20 });
  return (Array.isArray(body) ? body : []).filter(isObject)
    .map((row) => [String(row["email"] ?? ""), String(row["number"] ?? "")] as const)
    .filter(([email, number]) => email !== "" && number !== "");
}

/** Somebody else from the address book in place of an e-mail or number. */
function otherPerson(book: ReturnType<typeof addressBook>, value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => otherPerson(book, item));
  if (typeof value !== "string") return value;
  const column = value.includes("@") ? 0 : /^\d{3}-555-\d{4}$/.test(value) ? 1 : undefined;
  if (column === undefined) return value;
  return book.map((entry) => entry[column]).find((entry) => entry !== value) ?? value;
}

const shiftReads = (days: number): Interference => fields((_, value) => shifted(value, days));
const shiftArguments = (days: number): Interference => (next) => (call) =>
  UTILITIES.has(call.app)
    ? next(call)
    : next({ ...call, args: mapFields(call.args, (_, value) => shifted(value, days)) as Fields });

const ALL_TIES: readonly string[] = [
  "partner",
  "mother",
  "father",
  "sister",
  "brother",
  "daughter",
  "son",
  "cousin",
  "housemate",
  "neighbour",
  "colleague",
  "manager",
  "friend",
  ...CLUBS.map(({ tie }) => tie),
];

/** All mutations. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: "first_page",
    about: "reads the first page of each list, of the default size, and no more",
    interfere: reads((body, { args }) =>
      args["page"] === undefined || !Array.isArray(body)
        ? body
        : Number(args["page"]) > 0
        ? []
        : body.slice(0, DEFAULT_PAGE_SIZE)
    ),
  },
  {
    name: "last_page",
    about: "leaves out the last page of each list that has several",
    interfere: reads((body, { args }) =>
      Array.isArray(body) && Number(args["page"] ?? 0) > 0 && body.length < Number(args["size"] ?? DEFAULT_PAGE_SIZE)
        ? []
        : body
    ),
  },
  { name: "day_early", about: "takes every date that it reads for the day before", interfere: shiftReads(-1) },
  { name: "day_late", about: "takes every date that it reads for the day after", interfere: shiftReads(1) },
  { name: "asks_day_early", about: "gives every date a day too early", interfere: shiftArguments(-1) },
  { name: "asks_day_late", about: "gives every date a day too late", interfere: shiftArguments(1) },
  {
    name: "extremes_swapped",
    about: "takes the smallest for the largest and the reverse",
    interfere: fields((name, value) =>
      typeof value === "number" && !name.endsWith("id") && !Number.isNaN(value) ? -value : value
    ),
  },
  {
    name: "flags_ignored",
    about: "takes every yes or no that it reads for the opposite",
    interfere: fields((_, value) => (typeof value === "boolean" ? !value : value)),
  },
  {
    name: "ties_ignored",
    about: "takes every contact for one of those meant",
    interfere: fields((name, value) => (name === "ties" ? ALL_TIES : value)),
  },
  {
    name: "search_trusted",
    about: "takes the first hit of every search for all there is",
    interfere: reads((body, { args }) =>
      args["q"] !== undefined && Array.isArray(body) ? Number(args["page"] ?? 0) > 0 ? [] : body.slice(0, 1) : body
    ),
  },
  {
    name: "first_write_dropped",
    about: "leaves out the first thing to do",
    interfere: eachWrite((call, n, next) => (n === 0 ? pretended(call) : next(call))),
  },
  {
    name: "third_write_dropped",
    about: "leaves out the third thing to do",
    interfere: eachWrite((call, n, next) => (n === 2 ? pretended(call) : next(call))),
  },
  {
    name: "only_first_write",
    about: "stops after the first thing to do",
    interfere: eachWrite((call, n, next) => (n > 0 ? pretended(call) : next(call))),
  },
  {
    name: "write_repeated",
    about: "does the first thing twice",
    interfere: eachWrite((call, n, next) => {
      const reply = next(call);
      if (n === 0) next(call);
      return reply;
    }),
  },
  {
    name: "recipient_swapped",
    about: "addresses somebody else",
    interfere: (next, run) => {
      const book = addressBook(run);
      return (call) =>
        isWrite(call)
          ? next({ ...call, args: mapFields(call.args, (_, value) => otherPerson(book, value)) as Fields })
          : next(call);
    },
  },
  {
    name: "wrong_id",
    about: "acts on the next row instead",
    interfere: eachWrite((call, n, next) => {
      const wrong = (name: string, value: Json) =>
        name.endsWith("_id") && typeof value === "number" ? value + 1 : value;
      return next(n === 0 ? { ...call, args: mapFields(call.args, wrong) as Fields } : call);
    }),
  },
  {
    name: "amount_off",
    about: "writes amounts that are off by one",
    interfere: eachWrite((call, _, next) => {
      const off = (name: string, value: Json) =>
        typeof value === "number" && !name.endsWith("id") && name !== "page" && name !== "size" ? value + 1 : value;
      return next({ ...call, args: mapFields(call.args, off) as Fields });
    }),
  },
  {
    name: "extra_text",
    about: "sends a text that nobody asked for",
    interfere: (next, run) => (call) => {
      if (call.app === "principal" && call.api === "finish_task") {
        const [, [, number] = ["", ""]] = addressBook(run);
        run.session.client(run.session.user)("handset", "send_text", { number: number ?? "", text: "All done!" });
      }
      return next(call);
    },
  },
  {
    name: "extra_note",
    about: "leaves a note that nobody asked for",
    interfere: (next, run) => (call) => {
      if (call.app === "principal" && call.api === "finish_task") {
        run.session.client(run.session.user)("foldnote", "add_note", { title: "Report", body: "All done." });
      }
      return next(call);
    },
  },
  {
    name: "answer_off",
    about: "answers a number that is off by one, or another text; where no answer is asked, gives one",
    alter: (answer) =>
      typeof answer === "number"
        ? answer + 1
        : typeof answer === "string"
        ? /^-?\d+(\.\d+)?$/.test(answer) ? String(Number(answer) + 1) : `${answer} and more`
        : "done",
  },
  { name: "answer_missing", about: "gives no answer", alter: () => undefined },
];
