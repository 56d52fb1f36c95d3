/**
 * Upkeep of savings pots: filling those that lack little, merging two into a third, closing those that are full.
 *
 * Hurdles: pots due on the very day count and those a day later do not; pots that lack a cent more than the limit; full pots without a
 * date.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  idIn,
  numberOf,
  phrase,
  type Reject,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import { amount, momentOn, walletCents } from "./_money_kit.ts";
import { allPages, signIn } from "./_toolbox.ts";

type GapPub = { readonly limit: number; readonly due: string };
type MergePub = { readonly sources: readonly string[]; readonly target: string };
type ClosePub = { readonly due: string };

const NAMES = [
  "sewing machine",
  "canoe",
  "hen house",
  "telescope",
  "raincoat",
  "printer",
  "carpet",
  "skates",
  "lawn mower",
  "violin",
  "workbench",
  "hammock",
  "weaving loom",
  "greenhouse",
] as const;

function potsOf(ctx: SetupContext): Row[] {
  return [...ctx.rows("tuppence.pot", ctx.user.email)];
}

/** Adds a pot with savings, at a past day. */
function addPot(ctx: SetupContext, name: string, goal: number, saved: number, due: string | null): number {
  const client = ctx.as(ctx.user, momentOn(ctx, addDays(ctx.at, -ctx.random.int(5, 20))));
  const args = { name, goal: goal / 100, ...(due === null ? {} : { due_on: due }) };
  const id = idIn(client("tuppence", "add_pot", args), "pot_id");
  if (saved > 0) client("tuppence", "move_into_pot", { pot_id: id, amount: saved / 100 });
  return id;
}

function dueOf(row: Row): string {
  return textOf(row, "due_on");
}

function drawGap(ctx: SetupContext): BenchDraw<GapPub> | Reject {
  const due = addDays(ctx.at, ctx.random.int(60, 160));
  const limit = ctx.random.int(6, 14);
  const names = ctx.random.shuffle(NAMES);
  const gaps = [limit * 100, limit * 100 + 1, 250, 425, 310, 180, 200, 275, 95, 120, 333, 460];
  const dues = [
    due,
    due,
    due,
    addDays(due, -9),
    addDays(due, 1),
    null,
    addDays(due, -30),
    addDays(due, -2),
    addDays(due, -15),
    due,
    addDays(due, -7),
    addDays(due, -1),
  ];
  if (walletCents(ctx) < 20_000) return reject("too little money");
  gaps.forEach((gap, i) => addPot(ctx, names[i] ?? "", 900 + gap, 900, dues[i] ?? null));
  const rows = potsOf(ctx);
  const wanted = rows.filter((row) => {
    const gap = numberOf(row, "goal") - numberOf(row, "saved");
    return gap > 0 && gap <= limit * 100 && dueOf(row) !== "" && dueOf(row) <= due;
  });
  if (wanted.length < 4 || wanted.length > 14) return reject("too few pots, or too many");
  const missing = wanted.reduce((sum, row) => sum + numberOf(row, "goal") - numberOf(row, "saved"), 0);
  if (missing > walletCents(ctx)) return reject("too little money");
  const day = sayDate(due);
  const instruction = phrase(ctx, [
    `Fill up every savings pot that is due by ${day} and lacks at most ${limit} to its goal.`,
    `Some of my pots are nearly there: where no more than ${limit} is missing and the due day is ${day} or earlier, move in exactly what is missing.`,
    `Please top up my tuppence pots that have a due day up to and including ${day} and need ${limit} or less, so that each reaches its goal exactly.`,
  ]);
  return {
    instruction,
    pub: { limit, due },
    said: { due: day },
    writes: wanted.map((row) => ({
      app: "tuppence",
      api: "move_into_pot",
      args: { pot_id: row.id, amount: amount(numberOf(row, "goal") - numberOf(row, "saved")) },
    })),
  };
}

function drawMerge(ctx: SetupContext): BenchDraw<MergePub> | Reject {
  if (walletCents(ctx) < 15_000) return reject("too little money");
  const due = addDays(ctx.at, 120);
  for (const name of ctx.random.sample(NAMES, 6)) {
    addPot(ctx, name, ctx.random.int(30, 90) * 100, ctx.random.int(4, 18) * 100, ctx.random.pick([due, null]));
  }
  const rows = potsOf(ctx).filter((row) => numberOf(row, "saved") > 0);
  const [target, ...sources] = ctx.random.sample(rows, 4);
  if (target === undefined || sources.length < 3) return reject("too few pots");
  const all = potsOf(ctx).slice(0, 5);
  if ([target, ...sources].every((row) => all.some((early) => early.id === row.id))) {
    return reject("all on the first page");
  }
  const names = sources.map((row) => textOf(row, "name"));
  const goal = [target, ...sources].reduce((sum, row) => sum + numberOf(row, "goal"), 0);
  const name = textOf(target, "name");
  const list = `"${names[0]}", "${names[1]}" and "${names[2]}"`;
  const instruction = phrase(ctx, [
    `Merge my pots ${list} into "${name}": move each one's money over in a move of its own, raise the goal of "${name}" by their goals, and remove the three.`,
    `I save in too many places. Take everything out of ${list}, put it into "${name}" (one move per pot), add their goals to its goal, then delete those three pots.`,
    `Please combine pots in tuppence: the savings of ${list} go to "${name}", in one move for each of them, whose goal grows by the sum of their goals. The three old pots are then removed.`,
  ]);
  return {
    instruction,
    pub: { sources: names, target: name },
    writes: [
      ...sources.flatMap((row) => [
        { app: "tuppence", api: "remove_pot", args: { pot_id: row.id } },
        { app: "tuppence", api: "move_into_pot", args: { pot_id: target.id, amount: amount(numberOf(row, "saved")) } },
      ]),
      { app: "tuppence", api: "edit_pot", args: { pot_id: target.id, goal: amount(goal) } },
    ],
  };
}

function drawClose(ctx: SetupContext): BenchDraw<ClosePub> | Reject {
  if (walletCents(ctx) < 20_000) return reject("too little money");
  const due = addDays(ctx.at, ctx.random.int(20, 120));
  const names = ctx.random.shuffle(NAMES);
  const dues = [
    due,
    addDays(due, -12),
    addDays(due, -1),
    addDays(due, 1),
    null,
    addDays(due, -3),
    addDays(due, -6),
    addDays(due, -8),
    due,
    addDays(due, -5),
    addDays(due, -20),
    addDays(due, -4),
  ];
  dues.forEach((day, i) => {
    const goal = ctx.random.int(9, 19) * 100;
    addPot(ctx, names[i] ?? "", goal, i === 5 ? goal - 50 : goal, day);
  });
  const wanted = potsOf(ctx).filter((row) =>
    numberOf(row, "saved") >= numberOf(row, "goal") && dueOf(row) !== "" && dueOf(row) <= due
  );
  if (wanted.length < 3) return reject("too few full pots");
  const day = sayDate(due);
  const instruction = phrase(ctx, [
    `Close every savings pot that has reached its goal and is due by ${day}; the money goes back to my balance.`,
    `Remove my tuppence pots that are complete and whose due day is ${day} or earlier. Pots without a due day stay.`,
    `Please clear away the finished pots: those with their whole goal saved and a due day up to and including ${day}.`,
  ]);
  return {
    instruction,
    pub: { due },
    said: { due: day },
    writes: wanted.map((row) => ({ app: "tuppence", api: "remove_pot", args: { pot_id: row.id } })),
  };
}

function solvePotGap(apis: Apis, pub: GapPub) {
  const token = signIn(apis, "tuppence");
  for (const pot of allPages(apis.tuppence.list_pots, { token })) {
    const gap = Math.round((pot.goal - pot.saved) * 100) / 100;
    if (pot.due_on === null || pot.due_on > pub.due || gap <= 0 || gap > pub.limit) continue;
    apis.tuppence.move_into_pot({ token, pot_id: pot.pot_id, amount: gap });
  }
}

function solvePotMerge(apis: Apis, pub: MergePub) {
  const token = signIn(apis, "tuppence");
  const pots = allPages(apis.tuppence.list_pots, { token });
  const target = pots.find((pot) => pot.name === pub.target);
  let goal = Math.round(target.goal * 100);
  for (const name of pub.sources) {
    const { pot_id, saved, goal: more } = pots.find((pot) => pot.name === name);
    // What a pot holds goes back to the balance with it.
    apis.tuppence.remove_pot({ token, pot_id });
    apis.tuppence.move_into_pot({ token, pot_id: target.pot_id, amount: saved });
    goal += Math.round(more * 100);
  }
  apis.tuppence.edit_pot({ token, pot_id: target.pot_id, goal: goal / 100 });
}

function solvePotClose(apis: Apis, pub: ClosePub) {
  const token = signIn(apis, "tuppence");
  // All pages first: pots that go shift those that stay.
  const pots = allPages(apis.tuppence.list_pots, { token });
  for (const { pot_id, saved, goal, due_on } of pots) {
    if (saved >= goal && due_on !== null && due_on <= pub.due) apis.tuppence.remove_pot({ token, pot_id });
  }
}

const FAMILY = { split: "test_normal", apps: ["tuppence"], axis: {} } as const;

/** Scenarios of this generator. */
export const potUpkeep: readonly Scenario[] = [
  bench<GapPub, Record<string, never>>({
    ...FAMILY,
    family: "pot_upkeep/gap",
    difficulty: 1,
    draw: drawGap,
    solve: solvePotGap,
  }),
  bench<MergePub, Record<string, never>>({
    ...FAMILY,
    family: "pot_upkeep/merge",
    difficulty: 2,
    draw: drawMerge,
    solve: solvePotMerge,
  }),
  bench<ClosePub, Record<string, never>>({
    ...FAMILY,
    family: "pot_upkeep/close",
    difficulty: 1,
    draw: drawClose,
    solve: solvePotClose,
  }),
];
