/**
 * Texts answered from notes: a film of the genre asked for from a checklist of films, and amounts from recipes. What was answered is
 * written down, and who asked is marked as seen.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  daysAgo,
  phrase,
  type Principal,
  reject,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  tiedHolders,
  tiesWith,
  type Write,
} from "./_kit.ts";
import {
  capitalised,
  isFreshTitle,
  pastTime,
  receiveText,
  sendTextTo,
  theTies,
  untiedHolders,
  writeChecklist,
  writeNote,
} from "./_phone.ts";
import { allPages, contactsWith, signIn } from "./_toolbox.ts";

const GENRES = ["comedy", "drama", "western", "thriller", "musical", "mystery", "fantasy"] as const;
const FILM_TITLES = [
  "Films for long evenings",
  "Film shelf",
  "Cinema list",
  "Films to lend",
  "Rainy day films",
] as const;
const TIP_TITLES = ["Films that I named", "Tips given away", "Who got which film", "Recommended so far"] as const;
const TALKS = ["Film talk", "Cinema evening", "Film quiz"] as const;
const KEYWORDS = ["passed on", "asked for", "given away"] as const;
const FILM_FIRST = ["Silver", "Last", "Hidden", "Seven", "Winter", "Paper", "Distant", "Hollow"] as const;
const FILM_LAST = ["Harbour", "Letters", "Orchard", "Tram", "Lanterns", "Rivers", "Watch"] as const;
const FILMS = 48;

const DISHES = [
  "barley soup",
  "leek gratin",
  "walnut bread",
  "pea risotto",
  "ginger stew",
  "quince tart",
  "chard rolls",
  "millet bake",
  "squash curry",
  "pear strudel",
] as const;
const FOODS = [
  "butter",
  "flour",
  "milk",
  "onions",
  "carrots",
  "cream",
  "sugar",
  "oil",
  "yeast",
  "parsley",
  "stock",
] as const;
const UNITS = ["g", "ml", "spoons of"] as const;

/** Those who ask, who asked too early, who has an answer already, and who does not belong to the tie. */
interface Askers {
  readonly tie: string;
  readonly open: readonly Principal[];
  readonly early: Principal;
  readonly answered: Principal;
  readonly outside: Principal;
}

function askersOf(ctx: SetupContext): Askers | undefined {
  const [tie] = tiesWith(ctx, 6, 12);
  if (tie === undefined) return undefined;
  const [early, answered, ...open] = ctx.random.shuffle(tiedHolders(ctx, tie));
  const [outside] = untiedHolders(ctx, tie);
  if (early === undefined || answered === undefined || outside === undefined) return undefined;
  return { tie, open, early, answered, outside };
}

/** Plants the questions. `ask` gives the words of the n-th. @returns whether none of those who wait has had a text since. */
function plantQuestions(ctx: SetupContext, askers: Askers, day: string, ask: (n: number) => string): boolean {
  const { open, early, answered, outside } = askers;
  const askedAt = open.map((_, n) => (n === 0 ? `${day}T00:31:00` : pastTime(ctx, 1 + n % 5)));
  open.forEach((person, n) => {
    receiveText(ctx, person, ask(n), askedAt[n] ?? ctx.at);
    if (n % 2 === 0) sendTextTo(ctx, person, "How are you all?", `${addDays(day, -1)}T18:00:00`);
  });
  receiveText(ctx, early, ask(open.length), `${addDays(day, -1)}T22:50:00`);
  receiveText(ctx, answered, ask(open.length + 1), pastTime(ctx, 4));
  sendTextTo(ctx, answered, "I told you yesterday, did I not?", pastTime(ctx, 1));
  receiveText(ctx, outside, ask(open.length + 2), pastTime(ctx, 2));
  const sent = ctx.rows("handset.text", ctx.user.email).filter((row) => row["direction"] === "out");
  return open.every(({ number }, n) =>
    !sent.some((row) => row["number"] === number && textOf(row, "at") > (askedAt[n] ?? ctx.at))
  );
}

function markSeen({ number }: Principal): Write {
  return { app: "handset", api: "mark_texts_seen", args: { number } };
}

function drawFilm(ctx: SetupContext) {
  const askers = askersOf(ctx);
  const title = ctx.random.pick(FILM_TITLES);
  const tips = ctx.random.pick(TIP_TITLES);
  const label = ctx.random.pick(TALKS);
  const time = `${ctx.random.int(18, 21)}:${ctx.random.pick(["10", "25", "40", "55"])}`;
  if (askers === undefined || !isFreshTitle(ctx, title) || !isFreshTitle(ctx, tips)) {
    return reject("no tie with enough people, or the title is taken");
  }
  const { tie, open } = askers;
  const names = ctx.random.shuffle(FILM_FIRST.flatMap((first) => FILM_LAST.map((last) => `${first} ${last}`)));
  const lengths = ctx.random.shuffle(Array.from({ length: 90 }, (_, i) => 75 + i));
  const genres = ctx.random.shuffle(GENRES);
  const films = names.slice(0, FILMS).map((name, i) => ({
    name,
    genre: genres[i % genres.length] ?? "drama",
    minutes: lengths[i] ?? 90,
    done: ctx.random.uniform() < 0.45,
  }));
  const items = films.map(({ name, genre, minutes, done }) => ({ text: `${name} (${genre}, ${minutes} min)`, done }));
  writeChecklist(ctx, title, items, pastTime(ctx, 60));
  writeChecklist(ctx, `${title}, seen with the club`, items.slice(20, 30), pastTime(ctx, 55));
  const given = [{ text: "the neighbours: a western", done: true }, { text: "nobody: the musical", done: false }];
  const { noteId } = writeChecklist(ctx, tips, given, pastTime(ctx, 50));
  const day = daysAgo(ctx, ctx.random.int(8, 20));
  const genreOf = (n: number) => genres[n % genres.length] ?? "drama";
  const article = (genre: string) => (/^[aeiou]/.test(genre) ? "an" : "a");
  const ask = (n: number) => `Can you recommend ${article(genreOf(n))} ${genreOf(n)} film?`;
  if (!plantQuestions(ctx, askers, day, ask)) return reject("somebody has had a text since");
  const writes: Write[] = [];
  for (const [n, person] of open.entries()) {
    const [best] = films.filter(({ genre, done }) => genre === genreOf(n) && !done).sort((a, b) =>
      b.minutes - a.minutes
    );
    const longest = films.filter(({ genre }) => genre === genreOf(n)).sort((a, b) => b.minutes - a.minutes)[0];
    if (best === undefined || longest === undefined) return reject("a genre without an open film");
    writes.push(
      { app: "handset", api: "send_text", args: { number: person.number, text: best.name } },
      { app: "foldnote", api: "add_item", args: { note_id: noteId, text: `${person.name}: ${best.name}` } },
      markSeen(person),
    );
  }
  writes.push({ app: "handset", api: "add_alarm", args: { time, label } });
  return {
    instruction: phrase(ctx, [
      `Since ${sayDate(day)} some of ${
        theTies(tie).replace(/^people of /, "the people of ")
      } have texted me to recommend a film of some genre. Answer everyone I have not texted since they asked, with just the title of the longest film of that genre that is not ticked in the checklist of my note "${title}". Add "NAME: TITLE", full name, to the checklist of "${tips}", mark the texts from them as seen, and set a one-time alarm "${label}" for ${time}.`,
      `${capitalised(theTies(tie))} ask me by text, "Can you recommend a … film?". Please reply to all who asked on ${
        sayDate(day)
      } or later and got no text from me afterwards: only the title, namely the longest one of the genre in "${title}" in my notes that is still unticked. Mark what these people texted as seen, put each as "NAME: TITLE" (full name) on the checklist "${tips}", and set one alarm, "${label}", once at ${time}.`,
      `Look at the texts since ${sayDate(day)} in which ${
        theTies(tie)
      } want me to recommend a film of a genre. If I have not written back since, text them the title alone of the longest unticked film of the genre from the checklist "${title}" in my notes. Each goes on the checklist "${tips}" as "NAME: TITLE" with the full name; mark the texts of those people as seen. I also need one alarm at ${time}, labelled "${label}".`,
    ]),
    pub: { tie, day, title, tips, label, time },
    said: { day: sayDate(day) },
    writes,
  };
}

function solveFilm(
  apis: Apis,
  pub: { tie: string; day: string; title: string; tips: string; label: string; time: string },
) {
  const token = signIn(apis, "handset");
  const notesToken = signIn(apis, "foldnote");
  const people = contactsWith(apis, token, pub.tie);
  const texts = allPages(apis.handset.list_texts, { token });
  const notes = allPages(apis.foldnote.list_notes, { token: notesToken });
  const note = notes.find((x) => x.title === pub.title);
  const tips = notes.find((x) => x.title === pub.tips);
  const films = allPages(apis.foldnote.list_items, { token: notesToken, note_id: note.note_id })
    .filter((x) => !x.done)
    .map((x) => {
      const [, name, genre, minutes] = /^(.+) \((\w+), (\d+) min\)$/.exec(x.text) ?? [];
      return { name, genre, minutes: Number(minutes) };
    })
    .sort((a, b) => b.minutes - a.minutes);
  for (const { name, number } of people) {
    const question = texts.find((x) =>
      x.from === number && x.at.slice(0, 10) >= pub.day && /recommend an? \w+ film/.test(x.text)
    );
    if (question === undefined || texts.some((x) => x.to === number && x.at > question.at)) continue;
    const [, genre] = /recommend an? (\w+) film/.exec(question.text) ?? [];
    const film = films.find((x) => x.genre === genre);
    if (film === undefined) continue;
    apis.handset.send_text({ token, number, text: film.name });
    apis.handset.mark_texts_seen({ token, number });
    apis.foldnote.add_item({ token: notesToken, note_id: tips.note_id, text: `${name}: ${film.name}` });
  }
  apis.handset.add_alarm({ token, time: pub.time, label: pub.label });
}

function drawRecipe(ctx: SetupContext) {
  const askers = askersOf(ctx);
  if (askers === undefined) return reject("no tie with enough people");
  const { tie, open } = askers;
  const start = phrase(ctx, ["Kitchen: ", "Cooking: ", "From the stove: "]);
  const keyword = ctx.random.pick(KEYWORDS);
  if (ctx.rows("foldnote.keyword", ctx.user.email).some((row) => row["name"] === keyword)) {
    return reject("the keyword is in use");
  }
  const past = ctx.as(ctx.user, pastTime(ctx, 15));
  past("foldnote", "add_keyword", { name: keyword });
  const dishes = ctx.random.shuffle(DISHES);
  if (dishes.some((dish) => !isFreshTitle(ctx, dish))) return reject("a dish has a note already");
  const amounts = new Map<string, string>();
  const noteIds = new Map<string, number>();
  dishes.forEach((dish, i) => {
    const foods = ctx.random.sample(FOODS, 7);
    const line = (food: string) => `${ctx.random.int(2, 40) * 5} ${ctx.random.pick(UNITS)} ${food}`;
    const lines = foods.map(line);
    foods.forEach((food, n) => amounts.set(`${dish}/${food}`, lines[n] ?? ""));
    const body = [...lines, "all in the big pot", "taste before serving"].join("\n");
    const noteId = writeNote(ctx, `${start}${dish}`, body, pastTime(ctx, 70 - i));
    noteIds.set(dish, noteId);
    // Some carry the keyword already.
    if (i % 3 === 1) past("foldnote", "tag_note", { note_id: noteId, keyword });
    if (i % 2 === 0) {
      // An earlier version in the archive, with the same title and other amounts.
      const old = writeNote(ctx, `${start}${dish}`, foods.map(line).join("\n"), pastTime(ctx, 30));
      ctx.as()("foldnote", "archive_note", { note_id: old, on: true });
    }
    if (i % 3 === 0) writeNote(ctx, `${start}${dish} for guests`, foods.map(line).join("\n"), pastTime(ctx, 20));
  });
  const day = daysAgo(ctx, ctx.random.int(8, 20));
  const wanted = (n: number) => {
    const dish = dishes[n % dishes.length] ?? "";
    const foods = FOODS.filter((food) => amounts.has(`${dish}/${food}`));
    return { dish, food: foods[(n * 3 + ctx.variant) % foods.length] ?? "" };
  };
  const ask = (n: number) => `How much ${wanted(n).food} goes into your ${wanted(n).dish}?`;
  if (!plantQuestions(ctx, askers, day, ask)) return reject("somebody has had a text since");
  const writes = open.flatMap((person, n): Write[] => {
    const { dish, food } = wanted(n);
    const note_id = noteIds.get(dish) ?? 0;
    const tagging = { app: "foldnote", api: "tag_note", args: { note_id, keyword } };
    return [
      {
        app: "handset",
        api: "send_text",
        args: { number: person.number, text: amounts.get(`${dish}/${food}`) ?? "" },
      },
      { app: "foldnote", api: "append_to_note", args: { note_id, text: `for ${person.name}` } },
      ...(dishes.findIndex((one) => one === dish) % 3 === 1 ? [] : [tagging]),
      markSeen(person),
    ];
  });
  return {
    instruction: phrase(ctx, [
      `Since ${sayDate(day)} ${
        theTies(tie)
      } have been texting me how much of something goes into a dish of mine. Answer each who has had no text from me since with exactly the line of that ingredient from the note "${start}" plus the dish; archived notes are outdated. Then write "for NAME" (full name) as last line of that note, give it the keyword "${keyword}" if it lacks it, and mark the texts from them as seen.`,
      `${capitalised(theTies(tie))} ask me by text, "How much … goes into your …?". For every question from ${
        sayDate(day)
      } on that I have not followed up with a text, send back the line with the ingredient, word for word, from my unarchived note called "${start}" and the dish. Append "for" and the full name as a line to this note, tag it with "${keyword}" unless it is, and mark what these people texted as seen.`,
      `Please answer the texts in which ${theTies(tie)} want to know how much of an ingredient my dishes need, from ${
        sayDate(day)
      } on, unless I have texted them since. My recipes are notes titled "${start}" and the dish (not the archived ones); reply with the ingredient's line just as it stands there. The recipe gets "for NAME" (full name) as a new last line and, where missing, the keyword "${keyword}"; the askers' texts are marked as seen.`,
    ]),
    pub: { tie, day, start, keyword },
    said: { day: sayDate(day), start: start.trim() },
    writes,
  };
}

function solveRecipe(apis: Apis, pub: { tie: string; day: string; start: string; keyword: string }) {
  const token = signIn(apis, "handset");
  const notesToken = signIn(apis, "foldnote");
  const people = contactsWith(apis, token, pub.tie);
  const texts = allPages(apis.handset.list_texts, { token });
  const notes = allPages(apis.foldnote.list_notes, { token: notesToken, archived: false });
  for (const { name, number } of people) {
    const question = texts.find((x) =>
      x.from === number && x.at.slice(0, 10) >= pub.day && /^How much \w+ goes into your .+\?$/.test(x.text)
    );
    if (question === undefined || texts.some((x) => x.to === number && x.at > question.at)) continue;
    const [, food, dish] = /^How much (\w+) goes into your (.+)\?$/.exec(question.text) ?? [];
    const { note_id } = notes.find((x) => x.title === `${pub.start}${dish}`);
    const { body, keywords } = apis.foldnote.get_note({ token: notesToken, note_id });
    const text = body.split("\n").find((line: string) => line.endsWith(` ${food}`));
    apis.handset.send_text({ token, number, text });
    apis.handset.mark_texts_seen({ token, number });
    apis.foldnote.append_to_note({ token: notesToken, note_id, text: `for ${name}` });
    if (!keywords.includes(pub.keyword)) {
      apis.foldnote.tag_note({ token: notesToken, note_id, keyword: pub.keyword });
    }
  }
}

/** Scenarios of this generator. */
export const textAnswer: readonly Scenario[] = [
  bench({
    family: "text_answer/film",
    split: "train",
    difficulty: 3,
    apps: ["handset", "foldnote"],
    axis: {},
    draw: drawFilm,
    solve: solveFilm,
  }),
  bench({
    family: "text_answer/recipe",
    split: "train",
    difficulty: 3,
    apps: ["handset", "foldnote"],
    axis: {},
    draw: drawRecipe,
    solve: solveRecipe,
  }),
];
