/**
 * Edits of the user's own transfers: verb (make private, set the memo) × filter (tie, person, month).
 *
 * @module
 */
import type { Reject, Row, Scenario, SetupContext, Split } from "../../scenario.ts";
import { define, type Draw, type Write } from "./_define.ts";
import { act, WHO, type Who } from "./_idioms.ts";
import { choose, needsPages, reject } from "./_setup.ts";
import { transferFilterName, transferLines, transferSlots, transfersOf } from "./transfers.ts";

type Verb = "private" | "memo";
type Filter = Who | "month";

const FAMILIES: readonly (readonly [Verb, Filter, Split])[] = [
  ["private", "person", "train"],
  ["private", "tie", "train"],
  ["memo", "month", "train"],
  ["memo", "person", "train"],
  ["memo", "tie", "train"],
  ["private", "month", "test_normal"],
];

const MEMOS = [
  "settled",
  "old debt",
  "shared costs",
  "already talked about",
  "thank you",
  "household",
  "checked",
] as const;

const API: Readonly<Record<Verb, string>> = {
  private: "set_visibility",
  memo: "edit_memo",
};

function draw(ctx: SetupContext, verb: Verb, filter: Filter): Draw | Reject {
  const slots = transferSlots(ctx, filter, "sent");
  if (verb === "private") {
    // Most transfers are private from the start; two of three must not be.
    for (const row of transfersOf(ctx, "sent").filter((_, i) => i % 3 !== 2)) {
      ctx.as()("tuppence", "set_visibility", { transfer_id: row.id, visibility: "public" });
    }
  }
  const listed = transfersOf(ctx, "sent");
  const changes = (row: Row) => verb === "memo" || row["visibility"] !== verb;
  const slot = choose(ctx, slots, ({ keeps }) => {
    const kept = listed.filter(keeps);
    return kept.length >= 2 && kept.length <= 16 && needsPages(listed, (row) => keeps(row) && changes(row));
  });
  if (slot === undefined) return reject("no value of the filter keeps a few transfers");
  const memo = ctx.random.pick(MEMOS);
  const writes: Write[] = listed.filter(slot.keeps).map((row) => ({
    app: "tuppence",
    api: API[verb],
    args: { transfer_id: row.id, ...(verb === "memo" ? { memo } : { visibility: verb }) },
  }));
  const instruction = verb === "memo"
    ? ctx.random.pick([
      `Change the memo of every transfer that I sent ${slot.phrase} in tuppence to "${memo}".`,
      `All the money I have sent ${slot.phrase} should have the memo "${memo}" in tuppence.`,
    ])
    : ctx.random.pick([
      `Make every transfer that I sent ${slot.phrase} in tuppence ${verb}.`,
      `All the money I have sent ${slot.phrase} should be ${verb} in tuppence.`,
    ]);
  return { instruction, args: verb === "memo" ? [slot.value, memo] : [slot.value], writes };
}

/** Scenarios of this generator. */
export const transferEdits: readonly Scenario[] = FAMILIES.map(([verb, filter, split]) =>
  define({
    family: `transfer_edits/${verb}/${filter}`,
    split,
    difficulty: 2,
    name: `${verb === "memo" ? "set_memo_of_sent" : `make_${verb}_sent`}_${transferFilterName(filter, "sent")}`,
    params: [filter === "month" ? "month" : WHO[filter].param, ...(verb === "memo" ? ["memo"] : [])],
    lines: [
      ...transferLines(filter, "sent"),
      act("tuppence", API[verb], `transfer_id: x.transfer_id, ${verb === "memo" ? "memo" : `visibility: "${verb}"`}`),
    ],
    lookups: {
      ...(filter === "month" ? {} : { handset: "list contacts" }),
      tuppence: verb === "memo" ? "list transfers edit memo" : "list transfers set visibility",
    },
    draw: (ctx) => draw(ctx, verb, filter),
  })
);
