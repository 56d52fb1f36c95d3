/**
 * Questions about things that the user has are answered: with set words, with a measure, or by a note that also corrects old answers.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  idIn,
  numberOf,
  phrase,
  type Principal,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import {
  dayBefore,
  freshProducts,
  hasNote,
  KINDS,
  measureSpecs,
  ownedLines,
  plantNewer,
  plantNote,
  plantPurchase,
  pluralOf,
  productOf,
  specOf,
} from "./_shop_kit.ts";
import { allPages, dayPlus, noteBody, purchaseLines, signIn, todayOf } from "./_toolbox.ts";

/** Other people with accounts, in random order. */
function strangersOf(ctx: SetupContext): Principal[] {
  return ctx.random.shuffle(ctx.principals.filter(({ email }) => email !== ctx.user.email));
}

/** Somebody asks about a product some days ago. @returns id of the question. */
function plantQuestion(ctx: SetupContext, by: Principal, productId: number, text: string, days: number): number {
  const client = ctx.as(by, `${dayBefore(ctx, days)}T12:30:00`);
  return idIn(client("marlo", "ask_question", { product_id: productId, text }), "question_id");
}

/** Products that were delivered to the user, each once. */
function deliveredProducts(ctx: SetupContext): Row[] {
  const lines = ownedLines(ctx).map(({ line }) => line).filter((line) => line["parcel_state"] === "delivered");
  const seen = new Map(lines.map((line) => [numberOf(line, "product_id"), productOf(ctx, line)]));
  return [...seen.values()];
}

/** Open questions of others about a product. */
function openQuestions(ctx: SetupContext, product: Row): Row[] {
  const rows = ctx.rowsWhere("marlo.question", "product_id", product.id);
  return rows.filter((row) =>
    row["parent_id"] === null && row["owner"] !== ctx.user.email && !rows.some((one) => one["parent_id"] === row.id)
  );
}

function answering(questions: readonly { readonly id: number; readonly text: string }[]) {
  return questions.map(({ id, text }) => ({ app: "marlo", api: "answer_question", args: { question_id: id, text } }));
}

/** Some things of a kind that were delivered, one that is on its way, all with questions; the asker of the last is the user. */
function plantOwned(ctx: SetupContext, kind: string, questions: readonly string[]): void {
  const products = freshProducts(ctx, (row) => row["kind"] === kind).slice(0, 5);
  const people = strangersOf(ctx);
  products.forEach((product, i) => {
    const day = dayBefore(ctx, 40 - i * 6);
    plantPurchase(ctx, day, [{ product, progress: i === 4 ? "shipped" : { on: addDays(day, 5) } }]);
    questions.forEach((text, n) => {
      const by = people[i * questions.length + n];
      if (by !== undefined) plantQuestion(ctx, by, product.id, text, 20 - i * 2 - n);
    });
  });
  const [first] = products;
  if (first === undefined) return;
  ctx.as(ctx.user, `${dayBefore(ctx, 6)}T12:00:00`)("marlo", "ask_question", {
    product_id: first.id,
    text: "Are there spare parts for it?",
  });
}

const WORDS = [
  "I have it myself and can recommend it.",
  "Mine has given me no trouble.",
  "Write to me if you want a photo.",
  "Yes, I use it every day.",
] as const;

function drawKind(ctx: SetupContext) {
  const kind = ctx.random.pick(KINDS);
  plantOwned(ctx, kind, ["Would you buy it again?", "Is it worth the money?"]);
  plantNewer(ctx, 4, (row) => row["kind"] !== kind);
  const owned = deliveredProducts(ctx).filter((row) => row["kind"] === kind);
  const words = ctx.random.pick(WORDS);
  const questions = owned.flatMap((product) => openQuestions(ctx, product));
  if (questions.length < 6) return reject("too few open questions");
  const plural = pluralOf(kind);
  return {
    instruction: phrase(ctx, [
      `Answer every question on marlo that nobody has answered about the ${plural} which were delivered to me with "${words}". My own questions are not meant.`,
      `People ask things about the ${plural} that I own from marlo. Wherever there is no answer yet and the question is not mine, reply "${words}".`,
      `Please go through the ${plural} that I have received from marlo and answer the open questions of others about them, always with "${words}".`,
    ]),
    pub: { kind, words },
    said: { kind: plural },
    writes: answering(questions.map(({ id }) => ({ id, text: words }))),
  };
}

function solveKind(apis: Apis, pub: { kind: string; words: string }) {
  const token = signIn(apis, "marlo");
  const { email } = apis.principal.who_am_i();
  const lines = purchaseLines(apis, token, {})
    .filter((x) => x.product.endsWith(" " + pub.kind) && x.parcel_state === "delivered");
  for (const product_id of new Set(lines.map((x) => x.product_id))) {
    const open = allPages(apis.marlo.list_questions, { token, product_id, unanswered: true });
    for (const { question_id, by } of open) {
      if (by !== email) apis.marlo.answer_question({ token, question_id, text: pub.words });
    }
  }
}

/** Question, answer and specification of each measure that people ask about. */
const MEASURED = [
  { spec: "width_cm", asked: "How wide is it exactly?", said: "It is {n} cm wide." },
  { spec: "height_cm", asked: "How high is it exactly?", said: "It is {n} cm high." },
  { spec: "watts", asked: "How many watts does it have?", said: "It has {n} watts." },
  { spec: "litres", asked: "How many litres go in?", said: "It holds {n} litres." },
] as const;

function drawMeasure(ctx: SetupContext) {
  const measure = ctx.random.pick(MEASURED);
  const other = ctx.random.pick(MEASURED.filter(({ spec }) => spec !== measure.spec));
  const kinds = KINDS.filter((kind) => measureSpecs(kind).includes(measure.spec));
  const people = strangersOf(ctx);
  const products = freshProducts(ctx, (row) => kinds.includes(textOf(row, "kind"))).slice(0, 6);
  const { spec, asked, said } = measure;
  products.forEach((product, i) => {
    const day = dayBefore(ctx, 40 - i * 5);
    plantPurchase(ctx, day, [{ product, progress: i === 5 ? "shipped" : { on: addDays(day, 5) } }]);
    const [one, two, three] = people.slice(i * 3);
    if (one === undefined || two === undefined || three === undefined) return;
    const id = plantQuestion(ctx, one, product.id, asked, 15 - i);
    plantQuestion(ctx, two, product.id, other.asked, 14 - i);
    // One of them was answered by the user, who cannot answer twice.
    if (i === 1) {
      ctx.as(ctx.user, `${dayBefore(ctx, 8)}T09:00:00`)("marlo", "answer_question", { question_id: id, text: "Wide." });
    }
  });
  plantNewer(ctx, 4);
  const since = dayBefore(ctx, 41);
  const recent = ownedLines(ctx).filter(({ line, purchase }) =>
    line["parcel_state"] === "delivered" && textOf(purchase, "at").slice(0, 10) >= since
  ).map(({ line }) => productOf(ctx, line));
  const questions = [...new Map(recent.map((row) => [row.id, row])).values()].flatMap((product) =>
    openQuestions(ctx, product).filter((row) => row["text"] === asked)
      .map(({ id }) => ({ id, text: said.replace("{n}", String(specOf(product, spec))) }))
  );
  if (questions.length < 3) return reject("too few open questions");
  return {
    instruction: phrase(ctx, [
      `On marlo some people ask "${asked}" about things that I ordered in the last 41 days and that have arrived. Wherever such a question has no answer, reply like "${
        said.replace("{n}", "7")
      }" with the right number.`,
      `Of my marlo orders of the past 41 days, take what was delivered and look for the unanswered question "${asked}". Answer it each time as in "${
        said.replace("{n}", "7")
      }", with the figure from the product's page.`,
      `Please help those who ask "${asked}" on marlo, as far as nobody has answered and it is about something delivered to me from an order within the last 41 days. The answer should read like "${
        said.replace("{n}", "7")
      }", figure from the specifications.`,
    ]),
    pub: { asked, pattern: said.replace("{n}", "7"), spec, days: 41 },
    said: { spec: asked },
    writes: answering(questions),
  };
}

function solveMeasure(apis: Apis, pub: { asked: string; pattern: string; spec: string; days: number }) {
  const token = signIn(apis, "marlo");
  const from_day = dayPlus(todayOf(apis), -pub.days);
  const lines = purchaseLines(apis, token, { from_day }).filter((x) => x.parcel_state === "delivered");
  for (const product_id of new Set(lines.map((x) => x.product_id))) {
    const open = allPages(apis.marlo.list_questions, { token, product_id, unanswered: true })
      .filter((x) => x.text === pub.asked);
    if (open.length === 0) continue;
    const { specs } = apis.marlo.get_product({ token, product_id });
    const text = pub.pattern.replace("7", specs[pub.spec]);
    for (const { question_id } of open) apis.marlo.answer_question({ token, question_id, text });
  }
}

const TITLES = ["Shop answers", "What people ask", "Replies", "Questions I get", "Answers to give"] as const;
const PAIRS = [
  ["Does it smell at first?", "Only for a day or two."],
  ["Is it easy to clean?", "Yes, a damp cloth will do."],
  ["Does it fit into a small car?", "It does if the seats are down."],
  ["Was anything missing?", "No, everything was in the box."],
  ["Is it loud?", "Not at all."],
] as const;

function drawNote(ctx: SetupContext) {
  const title = ctx.random.pick(TITLES);
  if (hasNote(ctx, title)) return reject("a note of that title is there");
  const [a, b, c, off] = ctx.random.shuffle(PAIRS);
  if (a === undefined || b === undefined || c === undefined || off === undefined) return reject("too few pairs");
  const pairs = [a, b, c];
  const since = dayBefore(ctx, ctx.random.int(38, 45));
  const products = freshProducts(ctx).slice(0, 6);
  const people = strangersOf(ctx);
  const edits: { answer_id: number; text: string }[] = [];
  const fresh: { id: number; text: string }[] = [];
  products.forEach((product, i) => {
    const day = addDays(since, i === 5 ? -1 : i * 3);
    plantPurchase(ctx, day, [{ product, progress: { on: addDays(day, 5) } }]);
    const [one, two, three] = people.slice(i * 3);
    if (one === undefined || two === undefined || three === undefined) return;
    const [asked, answer] = pairs[i % 3] ?? a;
    const [also, alsoAnswer] = pairs[(i + 1) % 3] ?? b;
    const first = plantQuestion(ctx, one, product.id, asked, 12 - i);
    const second = plantQuestion(ctx, two, product.id, also, 11 - i);
    plantQuestion(ctx, three, product.id, off[0], 10 - i);
    if (i === 5) return;
    fresh.push({ id: first, text: answer });
    if (i % 2 === 1) {
      fresh.push({ id: second, text: alsoAnswer });
      return;
    }
    const mine = ctx.as(ctx.user, `${dayBefore(ctx, 5)}T09:00:00`);
    const answer_id = idIn(
      mine("marlo", "answer_question", { question_id: second, text: "Cannot say yet." }),
      "answer_id",
    );
    edits.push({ answer_id, text: alsoAnswer });
  });
  plantNewer(ctx, 4);
  const noteId = plantNote(
    ctx,
    title,
    pairs.map(([asked, answer]) => `${asked} ${answer}`).join("\n"),
    `${a[0]} No idea.`,
  );
  return {
    instruction: phrase(ctx, [
      `My note "${title}" has questions, each followed by its answer. Where others ask them on marlo about things that I ordered on ${
        sayDate(since)
      } or later and that were delivered, answer so, or set my earlier answer to it. Then archive the note.`,
      `Use the note "${title}" (a question and its answer per line): for everything that was delivered of my marlo orders since ${
        sayDate(since)
      }, give these answers to these questions, replacing what I may have answered before. The note can be archived when that is done.`,
      `Please answer questions on marlo as my note "${title}" says, for products ordered from ${
        sayDate(since)
      } on that have reached me. If I have answered such a question, correct my answer to the note's. Archive the note in the end.`,
    ]),
    pub: { title, since },
    said: { since: sayDate(since) },
    writes: [
      ...answering(fresh),
      ...edits.map((args) => ({ app: "marlo", api: "edit_answer", args })),
      { app: "foldnote", api: "archive_note", args: { note_id: noteId, on: true } },
    ],
  };
}

function solveNote(apis: Apis, pub: { title: string; since: string }) {
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "marlo");
  const { email } = apis.principal.who_am_i();
  const rows = noteBody(apis, notes, pub.title).split("\n");
  const lines = purchaseLines(apis, token, { from_day: pub.since }).filter((x) => x.parcel_state === "delivered");
  for (const product_id of new Set(lines.map((x) => x.product_id))) {
    for (const asked of allPages(apis.marlo.list_questions, { token, product_id })) {
      const row = rows.find((line) => line.startsWith(asked.text));
      if (row === undefined || asked.by === email) continue;
      const text = row.slice(asked.text.length + 1);
      const own = asked.answers.find((x: { by: string }) => x.by === email);
      if (own) apis.marlo.edit_answer({ token, answer_id: own.answer_id, text });
      else apis.marlo.answer_question({ token, question_id: asked.question_id, text });
    }
  }
  const { note_id } = allPages(apis.foldnote.list_notes, { token: notes }).find((x) => x.title === pub.title);
  apis.foldnote.archive_note({ token: notes, note_id, on: true });
}

/** Scenarios of this generator. */
export const answerQuestions: readonly Scenario[] = [
  bench({
    family: "answer_questions/kind",
    split: "test_challenge",
    difficulty: 2,
    apps: ["marlo"],
    axis: {},
    draw: drawKind,
    solve: solveKind,
  }),
  bench({
    family: "answer_questions/measure",
    split: "test_challenge",
    difficulty: 2,
    apps: ["marlo"],
    axis: {},
    draw: drawMeasure,
    solve: solveMeasure,
  }),
  bench({
    family: "answer_questions/note",
    split: "test_challenge",
    difficulty: 3,
    apps: ["foldnote", "marlo"],
    axis: {},
    draw: drawNote,
    solve: solveNote,
  }),
];
