/**
 * Savings pots: verb (move money in, move money out, read what is saved, read what is missing) × which (one by name,
 * those with a goal up to a limit).
 *
 * @module
 */
import type { Reject, Row, Scenario, SetupContext, Split } from "../../scenario.ts";
import { define, type Draw } from "./_define.ts";
import { act, aggregate, keep, pages, signIn } from "./_idioms.ts";
import { balanceOf, choose, drawAmount, idIn, needsPages, numberOf, PAGE, range, reject, textOf } from "./_setup.ts";

type Verb = "into" | "out" | "saved" | "gap";
type Which = "named" | "limit";

const FAMILIES: readonly (readonly [Verb, Which, Split])[] = [
  ["into", "named", "train"],
  ["into", "limit", "train"],
  ["out", "limit", "train"],
  ["saved", "limit", "train"],
  ["saved", "named", "train"],
  ["gap", "named", "train"],
  ["out", "named", "test_normal"],
  ["gap", "limit", "train"],
];

const NAMES = [
  "new bike",
  "holiday",
  "sofa",
  "laptop",
  "garden bench",
  "winter coat",
  "driving lessons",
  "piano",
  "garden shed",
  "bookshelf",
] as const;

const WHICH: Readonly<Record<Which, { readonly keep: string; readonly name: string }>> = {
  named: { keep: "x.name === pot", name: "named_pot" },
  limit: { keep: "x.goal <= limit", name: "pots_up_to_limit" },
};

function phrases(verb: Verb, which: string, amount: number): readonly string[] {
  if (verb === "into") {
    return [`Move ${amount} into ${which}.`, `Put ${amount} from my balance into ${which} in tuppence.`];
  }
  if (verb === "out") return [`Move ${amount} out of ${which}.`, `Take ${amount} out of ${which} in tuppence.`];
  if (verb === "saved") return [`How much is saved in ${which}?`, `What is the amount saved in ${which} in tuppence?`];
  return [`How much is missing to reach the goal in ${which}?`, `What is the gap to the goal in ${which} in tuppence?`];
}

/** Adds pots until the list has more than one page, some of them full. */
function plant(ctx: SetupContext): boolean {
  const client = ctx.as();
  const taken = new Set(ctx.rows("tuppence.pot", ctx.user.email).map((row) => textOf(row, "name")));
  for (const name of ctx.random.shuffle(NAMES).filter((name) => !taken.has(name)).slice(0, 7)) {
    const goal = ctx.random.int(12, 150);
    const saved = goal < 30 ? goal : ctx.random.int(9, 11);
    if (balanceOf(ctx) < saved * 100) return false;
    const id = idIn(client("tuppence", "add_pot", { name, goal }), "pot_id");
    client("tuppence", "move_into_pot", { pot_id: id, amount: saved });
  }
  return true;
}

function draw(ctx: SetupContext, verb: Verb, which: Which): Draw | Reject {
  if (!plant(ctx)) return reject("not enough money to save");
  const listed = ctx.rows("tuppence.pot", ctx.user.email);
  const unfinished = (row: Row) => numberOf(row, "saved") < numberOf(row, "goal");
  const names = listed.slice(PAGE).map((row) => textOf(row, "name"));
  const pot = choose(ctx, names, () => true);
  if (pot === undefined) return reject("no pot on a later page");
  const limit = choose(ctx, range(20, 400, 10), () => true) ?? 100;
  const keeps = (row: Row) => which === "named" ? textOf(row, "name") === pot : numberOf(row, "goal") <= limit * 100;
  const rows = listed.filter(keeps);
  const amount = drawAmount(ctx, 2, 7);
  if (!needsPages(listed, keeps) || (which === "limit" && rows.length < 2)) return reject("the first page shows all");
  if (which === "named" && (rows.length !== 1 || !rows.every(unfinished))) {
    return reject("not one unfinished pot of that name");
  }
  if (verb === "into" && rows.length * amount * 100 > balanceOf(ctx)) return reject("not enough money to move");
  if (verb === "out" && rows.some((row) => numberOf(row, "saved") < amount * 100)) return reject("too little in a pot");
  const phrase = which === "named"
    ? ctx.random.pick([`my "${pot}" pot`, `the pot "${pot}"`])
    : `${verb === "into" || verb === "out" ? "each pot" : "all pots"} with a goal of at most ${limit}`;
  const cents = rows.reduce(
    (sum, row) =>
      sum + numberOf(row, "saved") * (verb === "gap" ? -1 : 1) + (verb === "gap" ? numberOf(row, "goal") : 0),
    0,
  );
  const instruction = ctx.random.pick(phrases(verb, phrase, amount));
  const args = [which === "named" ? pot : limit];
  if (verb === "saved" || verb === "gap") return { instruction, args, answer: cents / 100 };
  return {
    instruction,
    args: [...args, amount],
    writes: rows.map((row) => ({
      app: "tuppence",
      api: verb === "into" ? "move_into_pot" : "move_out_of_pot",
      args: { pot_id: row.id, amount },
    })),
  };
}

function lastLine(verb: Verb): string {
  if (verb === "saved") return `return ${aggregate("total", "x.saved")};`;
  if (verb === "gap") return `return ${aggregate("total", "x.goal - x.saved")};`;
  return act("tuppence", verb === "into" ? "move_into_pot" : "move_out_of_pot", "pot_id: x.pot_id, amount");
}

const NAME: Readonly<Record<Verb, string>> = {
  into: "move_into",
  out: "move_out_of",
  saved: "saved_in",
  gap: "gap_of",
};
const LOOKUP: Readonly<Record<Verb, string | readonly string[]>> = {
  into: ["list pots", "move into pot"],
  out: ["list pots", "move out pot"],
  saved: "list pots",
  gap: "list pots",
};

/** Scenarios of this generator. */
export const pots: readonly Scenario[] = FAMILIES.map(([verb, which, split]) =>
  define({
    family: `pots/${verb}/${which}`,
    split,
    difficulty: which === "named" || verb === "saved" || verb === "gap" ? 1 : 2,
    name: `${NAME[verb]}_${WHICH[which].name}`,
    params: [which === "named" ? "pot" : "limit", ...(verb === "into" || verb === "out" ? ["amount"] : [])],
    lines: [...signIn("tuppence"), pages("tuppence", "pots"), keep("pots", WHICH[which].keep), lastLine(verb)],
    lookups: { tuppence: LOOKUP[verb] },
    draw: (ctx) => draw(ctx, verb, which),
  })
);
