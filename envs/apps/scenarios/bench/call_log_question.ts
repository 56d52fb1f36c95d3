/**
 * Questions about the call log: with whom of a tie the user has talked longest, whose missed calls were never answered, and whom the
 * user has not talked to for the longest time.
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

/** People of a tie with their calls; a tie of several people with different names, in random order of ties. */
function companies(ctx: SetupContext) {
  const calls = ctx.rows("handset.call_entry", ctx.user.email);
  const ties = [...new Set(contactsOf(ctx).flatMap((row) => listOf(row, "ties")))].sort();
  return ctx.random.shuffle(ties).map((tie) => ({
    tie,
    people: tied(ctx, tie).map((row) => ({
      name: textOf(row, "name"),
      id: row.id,
      calls: calls.filter((call) => call["number"] === row["number"]),
    })),
  })).filter(({ people }) => people.length >= 4 && new Set(people.map(({ name }) => name)).size === people.length);
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
  for (const { tie, people } of companies(ctx)) {
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
          `With whom of ${theTies(tie)} have I talked the longest on the phone, all calls since ${
            sayDate(day)
          } taken together? Give me the full name.`,
          `Add up the calls I have had with each of ${theTies(tie)} from ${
            sayDate(day)
          } on, in both directions. Who comes first? I need the full name.`,
          `Who among ${theTies(tie)} has had most of my time on the phone since ${
            sayDate(day)
          }, in seconds over all calls made and received? Answer with the full name.`,
        ]),
        pub: { tie, day },
        said: { day: sayDate(day) },
        answer: textOf(best, "name"),
      };
    }
  }
  return reject("nobody stands out since a day");
}

function solveLongest(apis: Apis, pub: { tie: string; day: string }) {
  const token = signIn(apis, "handset");
  let best = { name: "", seconds: -1 };
  for (const { name, number } of contactsWith(apis, token, pub.tie)) {
    const calls = allPages(apis.handset.list_calls, { token, number })
      .filter((x) => !x.missed && x.at.slice(0, 10) >= pub.day);
    const seconds = calls.reduce((sum, x) => sum + x.seconds, 0);
    if (seconds > best.seconds) best = { name, seconds };
  }
  return best.name;
}

function drawMissed(ctx: SetupContext) {
  for (const { tie, people } of companies(ctx)) {
    const missed = (calls: readonly Row[], day: string) =>
      calls.filter((call) => call["direction"] === "in" && !isTalk(call)).filter(onOrAfter(day))
        .map((call) => textOf(call, "at")).sort().at(-1);
    const owedSince = (day: string) =>
      people.filter(({ calls }) => {
        const last = missed(calls, day);
        return last !== undefined && !calls.some((call) => call["direction"] === "out" && textOf(call, "at") > last);
      }).map(({ name }) => name);
    for (const day of callDays(ctx, people.flatMap(({ calls }) => calls), 300, 60)) {
      const owed = owedSince(day);
      const callers = people.filter(({ calls }) => missed(calls, day) !== undefined);
      const differs = owedSince(addDays(day, 1)).length !== owed.length;
      if (owed.length < 2 || owed.length > 6 || callers.length === owed.length || !differs) continue;
      return {
        instruction: phrase(ctx, [
          `Which of ${theTies(tie)} called me since ${
            sayDate(day)
          } without reaching me, and have not been called by me after that? Give me their full names, separated by commas.`,
          `I missed calls from ${theTies(tie)} since ${
            sayDate(day)
          }. Whom did I not ring back after their last missed call? List the full names with commas between them.`,
          `To whom of ${theTies(tie)} do I owe a call: I missed theirs on ${
            sayDate(day)
          } or later and have made none to them since the latest one I missed? Full names, comma-separated, please.`,
        ]),
        pub: { tie, day },
        said: { day: sayDate(day) },
        answer: owed.join(", "),
        unordered: true,
      };
    }
  }
  return reject("no tie with some people to call back");
}

function solveMissed(apis: Apis, pub: { tie: string; day: string }) {
  const token = signIn(apis, "handset");
  const names = [];
  for (const { name, number } of contactsWith(apis, token, pub.tie)) {
    const calls = allPages(apis.handset.list_calls, { token, number });
    const missed = calls.find((x) => x.direction === "in" && x.missed && x.at.slice(0, 10) >= pub.day);
    if (missed !== undefined && !calls.some((x) => x.direction === "out" && x.at > missed.at)) names.push(name);
  }
  return names.join(", ");
}

function drawLast(ctx: SetupContext) {
  const least = ctx.random.pick([60, 90, 120, 180, 240, 300]);
  for (const { tie, people } of companies(ctx)) {
    const latest = people.map(({ id, name, calls }) => {
      const last = (fits: (call: Row) => boolean) =>
        calls.filter(fits).map((call) => textOf(call, "at")).sort().at(-1) ?? "";
      return {
        id,
        name,
        talk: last((call) => isTalk(call) && numberOf(call, "seconds") >= least),
        any: last(() => true),
      };
    });
    if (latest.some(({ talk }) => talk === "")) continue;
    const order = (row: Row, column: string) => Number(textOf(row, column).replace(/\D/g, ""));
    const longest = uniqueMin(latest, (row) => order(row, "talk"));
    const loose = uniqueMin(latest, (row) => order(row, "any"));
    if (longest === undefined || loose?.id === longest.id) continue;
    return {
      instruction: phrase(ctx, [
        `Whom of ${
          theTies(tie)
        } have I not talked to on the phone for the longest time? Calls under ${least} seconds and missed ones do not count. Tell me the full name.`,
        `For each of ${
          theTies(tie)
        } take our last call of at least ${least} seconds that was not missed. Whose lies furthest back? Give the full name.`,
        `I want to call whoever among ${
          theTies(tie)
        } I have not had a real talk with for longest, that is a call of ${least} seconds or more that was picked up, either way. Who is it? Full name, please.`,
      ]),
      pub: { tie, least },
      answer: textOf(longest, "name"),
    };
  }
  return reject("no tie in which everybody has called");
}

function solveLast(apis: Apis, pub: { tie: string; least: number }) {
  const token = signIn(apis, "handset");
  let longest = { name: "", at: "9999" };
  for (const { name, number } of contactsWith(apis, token, pub.tie)) {
    const last = allPages(apis.handset.list_calls, { token, number })
      .find((x) => !x.missed && x.seconds >= pub.least);
    if (last !== undefined && last.at < longest.at) longest = { name, at: last.at };
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
