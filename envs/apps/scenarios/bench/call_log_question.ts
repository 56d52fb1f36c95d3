/**
 * Questions about the call log and the people of some ties: with whom the user has talked longest, whose missed calls were never
 * answered, and from whom the user has heard nothing, not even by text, for the longest time.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  contactsOf,
  daysAgo,
  listOf,
  numberOf,
  phrase,
  reject,
  type Row,
  sayDate,
  sayList,
  type Scenario,
  type SetupContext,
  sumOf,
  textOf,
  tied,
  uniqueMax,
  uniqueMin,
} from "./_kit.ts";
import { theTies } from "./_phone.ts";
import { allPages, contactsWith, signIn } from "./_toolbox.ts";

/** Fewest people of a tie. */
const FEWEST = 4;

/** People of so many ties with their calls, names all different; in random order of ties. */
function companies(ctx: SetupContext, count: number) {
  const calls = ctx.rows("handset.call_entry", ctx.user.email);
  const named = [...new Set(contactsOf(ctx).flatMap((row) => listOf(row, "ties")))].sort()
    .filter((tie) => tied(ctx, tie).length >= FEWEST);
  const chosen = Array.from({ length: 6 }, () => ctx.random.sample(named, count)).filter((ties) =>
    ties.length === count
  );
  const everybody = contactsOf(ctx).map((row) => ({
    name: textOf(row, "name"),
    id: row.id,
    number: textOf(row, "number"),
    ties: listOf(row, "ties"),
    calls: calls.filter((call) => call["number"] === row["number"]),
  }));
  return chosen.map((ties) => {
    const belongs = (one: { readonly ties: readonly string[] }) => ties.some((tie) => one.ties.includes(tie));
    return {
      ties,
      who: sayList(ties.map(theTies)),
      // Who has several of the ties counts once.
      people: everybody.filter(belongs),
      outside: everybody.filter((one) => !belongs(one)),
    };
  }).filter(({ people }) => new Set(people.map(({ name }) => name)).size === people.length);
}

function isTalk(call: Row): boolean {
  return call["missed"] === false;
}

/** Days of calls in a span of days ago, in random order: a question about one of them has a call at its edge. */
function callDays(ctx: SetupContext, calls: readonly Row[], most: number, least: number): string[] {
  const days = new Set(calls.map((call) => textOf(call, "at").slice(0, 10)));
  return ctx.random.shuffle([...days].sort().filter((day) => day >= daysAgo(ctx, most) && day <= daysAgo(ctx, least)));
}

function onOrAfter(day: string): (call: Row) => boolean {
  return (call) => textOf(call, "at").slice(0, 10) >= day;
}

function drawLongest(ctx: SetupContext) {
  for (const { ties, who, people } of companies(ctx, 3)) {
    const talks = people.map(({ id, name, calls }) => ({ id, name, calls: calls.filter(isTalk) }));
    const winner = (measure: (calls: readonly Row[]) => number) =>
      uniqueMax(
        talks.map(({ id, name, calls }) => ({ id, name, value: measure(calls) })),
        (row) => numberOf(row, "value"),
      );
    for (const day of callDays(ctx, talks.flatMap(({ calls }) => calls), 330, 90)) {
      const total = (first: string) => winner((calls) => sumOf(calls.filter(onOrAfter(first)), "seconds"));
      const best = total(day);
      const single = winner((calls) =>
        Math.max(0, ...calls.filter(onOrAfter(day)).map((call) => numberOf(call, "seconds")))
      );
      const ever = winner((calls) => sumOf(calls, "seconds"));
      // Neither all time, nor the longest single call, nor a period that is a day shorter leads to the same person.
      if (best === undefined || [ever?.id, single?.id, total(addDays(day, 1))?.id].includes(best.id)) continue;
      return {
        instruction: phrase(ctx, [
          `With whom of ${who} have I talked the longest on the phone, all calls since ${
            sayDate(day)
          } taken together? Give me the full name.`,
          `Add up the calls I have had with each of ${who} from ${
            sayDate(day)
          } on, in both directions. Who comes first? I need the full name.`,
          `Who among ${who} has had most of my time on the phone since ${
            sayDate(day)
          }, in seconds over all calls made and received? Answer with the full name.`,
        ]),
        pub: { ties, day },
        said: { day: sayDate(day) },
        answer: textOf(best, "name"),
      };
    }
  }
  return reject("nobody stands out since a day");
}

function solveLongest(apis: Apis, pub: { ties: string[]; day: string }) {
  const token = signIn(apis, "handset");
  let best = { name: "", seconds: -1 };
  for (const { name, number } of pub.ties.flatMap((tie) => contactsWith(apis, token, tie))) {
    const calls = allPages(apis.handset.list_calls, { token, number })
      .filter((x) => !x.missed && x.at.slice(0, 10) >= pub.day);
    const seconds = calls.reduce((sum, x) => sum + x.seconds, 0);
    if (seconds > best.seconds) best = { name, seconds };
  }
  return best.name;
}

function drawMissed(ctx: SetupContext) {
  for (const { ties, who, people, outside } of companies(ctx, 3)) {
    const missed = (calls: readonly Row[], day: string) =>
      calls.filter((call) => call["direction"] === "in" && !isTalk(call)).filter(onOrAfter(day))
        .map((call) => textOf(call, "at")).sort().at(-1);
    const owedSince = (day: string, some = people) =>
      some.filter(({ calls }) => {
        const last = missed(calls, day);
        return last !== undefined && !calls.some((call) => call["direction"] === "out" && textOf(call, "at") > last);
      }).map(({ name }) => name);
    for (const day of callDays(ctx, people.flatMap(({ calls }) => calls), 300, 60)) {
      const owed = owedSince(day);
      const callers = people.filter(({ calls }) => missed(calls, day) !== undefined);
      const differs = owedSince(addDays(day, 1)).length !== owed.length;
      if (owed.length < 2 || owed.length > 6 || callers.length === owed.length || !differs) continue;
      if (owedSince(day, outside).length === 0) continue;
      return {
        instruction: phrase(ctx, [
          `Which of ${who} called me since ${
            sayDate(day)
          } without reaching me, and have not been called by me after that? Give me their full names, separated by commas.`,
          `I missed calls from ${who} since ${
            sayDate(day)
          }. Whom did I not ring back after their last missed call? List the full names with commas between them.`,
          `To whom of ${who} do I owe a call: I missed theirs on ${
            sayDate(day)
          } or later and have made none to them since the latest one I missed? Full names, comma-separated, please.`,
        ]),
        pub: { ties, day },
        said: { day: sayDate(day) },
        answer: owed.join(", "),
        unordered: true,
      };
    }
  }
  return reject("no tie with some people to call back");
}

function solveMissed(apis: Apis, pub: { ties: string[]; day: string }) {
  const token = signIn(apis, "handset");
  const names: string[] = [];
  for (const { name, number } of pub.ties.flatMap((tie) => contactsWith(apis, token, tie))) {
    if (names.includes(name)) continue;
    const calls = allPages(apis.handset.list_calls, { token, number });
    const missed = calls.find((x) => x.direction === "in" && x.missed && x.at.slice(0, 10) >= pub.day);
    if (missed !== undefined && !calls.some((x) => x.direction === "out" && x.at > missed.at)) names.push(name);
  }
  return names.join(", ");
}

function drawLast(ctx: SetupContext) {
  const least = ctx.random.pick([60, 90, 120, 180, 240, 300]);
  const texts = ctx.rows("handset.text", ctx.user.email).filter((row) => row["hidden"] !== true);
  for (const { ties, who, people } of companies(ctx, 2)) {
    const latest = people.map(({ id, name, number, calls }) => {
      const last = (rows: readonly Row[]) => rows.map((row) => textOf(row, "at")).sort().at(-1) ?? "";
      const talks = calls.filter((call) => isTalk(call) && numberOf(call, "seconds") >= least);
      const written = texts.filter((row) => row["number"] === number);
      return {
        id,
        name,
        talk: last(talks),
        contact: last([...talks, ...written]),
        any: last([...calls, ...written]),
      };
    });
    if (latest.some(({ contact }) => contact === "")) continue;
    const order = (row: Row, column: string) => Number(textOf(row, column).replace(/\D/g, ""));
    const longest = uniqueMin(latest, (row) => order(row, "contact"));
    // Neither calls alone nor all calls, short and missed ones included, lead to the same person.
    const loose = ["any", "talk"].map((column) => uniqueMin(latest, (row) => order(row, column))?.id);
    if (longest === undefined || loose.includes(longest.id)) continue;
    return {
      instruction: phrase(ctx, [
        `With whom of ${who} have I been out of touch for the longest time, neither a text in either direction nor a talk on the phone? Calls under ${least} seconds and missed ones do not count. Tell me the full name.`,
        `For each of ${who} take our last text or our last call of at least ${least} seconds that was not missed, whichever is later. Whose lies furthest back? Give the full name.`,
        `I want to call whoever among ${who} I have had no contact with for longest, that is no text, sent or received, and no call of ${least} seconds or more that was picked up, either way. Who is it? Full name, please.`,
      ]),
      pub: { ties, least },
      answer: textOf(longest, "name"),
    };
  }
  return reject("nobody is out of touch");
}

function solveLast(apis: Apis, pub: { ties: string[]; least: number }) {
  const token = signIn(apis, "handset");
  let longest = { name: "", at: "9999" };
  for (const { name, number } of pub.ties.flatMap((tie) => contactsWith(apis, token, tie))) {
    const talk = allPages(apis.handset.list_calls, { token, number })
      .find((x) => !x.missed && x.seconds >= pub.least);
    const [text] = apis.handset.list_texts({ token, number, size: 1 });
    const [at] = [talk?.at ?? "", text?.at ?? ""].sort().reverse();
    if (at !== undefined && at < longest.at) longest = { name, at };
  }
  return longest.name;
}

/** Scenarios of this generator. */
export const callLogQuestion: readonly Scenario[] = [
  bench({
    family: "call_log_question/longest",
    split: "dev",
    difficulty: 1,
    apps: ["handset"],
    axis: {},
    draw: drawLongest,
    solve: solveLongest,
  }),
  bench({
    family: "call_log_question/missed",
    split: "dev",
    difficulty: 1,
    apps: ["handset"],
    axis: {},
    draw: drawMissed,
    solve: solveMissed,
  }),
  bench({
    family: "call_log_question/last",
    split: "dev",
    difficulty: 1,
    apps: ["handset"],
    axis: {},
    draw: drawLast,
    solve: solveLast,
  }),
];
