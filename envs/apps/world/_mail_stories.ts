/**
 * Letters about the shared life: bills of homes, office projects, club meetings, outings; and what people and companies write besides.
 *
 * Contract: amounts, days, names and titles are those of the shared life; the list of things to do in an office letter has cards of the
 * project with the people who have them and the days on which they are due.
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import { addDays, dateTime, dayNumber, sayDay, sayMonth } from "../calendar.ts";
import { statementText } from "../pools/stowbox.ts";
import * as pools from "../pools/quillpost.ts";
import type { Person } from "../world.ts";
import { answerTime, hasMail, type LetterKind, mailSlots, type Post, type Posted } from "./_mail.ts";
import { fillTemplate, firstName, WORLD_NOW, type WorldContext } from "./context.ts";
import type { Outing, Project } from "./life.ts";
import { centsText } from "../apps/_common.ts";

/** Days between two lists of things to do. */
const ACTION_DAYS = 35;

/** Posts what belongs to the shared life. */
export function postStories(post: Post): void {
  postStatements(post);
  for (const project of post.context.life.projects) if (project.kind === "office") postProject(post, project);
  postClubs(post);
  for (const outing of post.context.life.outings) postOuting(post, outing);
}

/** An hour of work on a day. */
function officeHour(random: KeyedRandom, day: string): string {
  return dateTime(dayNumber(day), random.int(8 * 3600, 17 * 3600));
}

function postStatements(post: Post): void {
  const { context } = post;
  for (const { home, month, items } of context.life.homes) {
    const random = context.random("quillpost", "home", home, month);
    for (const { name, cents, payer, at } of items) {
      const company = pools.UTILITIES[name];
      if (company === undefined) continue;
      const words = {
        month: sayMonth(month),
        amount: centsText(cents),
        due: `${month}-28`,
      };
      post.send(random, {
        at,
        from: company.address,
        to: [context.person(payer).email],
        subject: fillTemplate(company.subject, words),
        body: fillTemplate(company.body, words),
        kind: "bill",
        files: [{ name: `${month}-${name}.pdf`, text: statementText(name, month, cents, 70_000 + home) }],
      });
    }
  }
}

/** `- Draft the poster: Ada Birk, 2027-03-20`. */
function actionLine(context: WorldContext, { title, assignee, dueOn }: Project["cards"][number]): string {
  const who = assignee === null ? "open" : context.person(assignee).name;
  return dueOn === null ? `- ${title}: ${who}` : `- ${title}: ${who}, ${dueOn}`;
}

function postProject(post: Post, project: Project): void {
  const { context } = post;
  const random = context.random("quillpost", "project", project.id);
  const lead = context.person(project.lead);
  const team = project.people.filter((index) => index !== project.lead).map((index) => context.person(index));
  if (team.length === 0) return;
  const slug = project.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const words = { project: project.name, me: firstName(lead), slug };
  const mail = { from: lead, to: team.map(({ email }) => email), kind: "work" as const };
  const answer = (to: Posted | undefined) => {
    if (to === undefined) return;
    for (const person of random.sample(team, random.pick([0, 1, 1]))) {
      postAnswer(post, random, to, person, lead, pools.OFFICE_ANSWERS, { project: project.name });
    }
  };
  const kickOff = fillTemplate(random.pick(pools.KICK_OFFS), words);
  answer(post.send(random, { ...mail, at: project.startedAt, subject: `${project.name}: start`, body: kickOff }));
  for (let day = addDays(project.startedAt, 9); day < WORLD_NOW; day = addDays(day, ACTION_DAYS)) {
    const open = project.cards.filter(({ madeAt, doneAt, lane }) =>
      madeAt.slice(0, 10) <= day && lane !== "Ideas" && (doneAt === null || doneAt.slice(0, 10) > day)
    );
    if (open.length < 2) continue;
    const items = random.sample(open, Math.min(open.length, random.int(3, 5))).map((card) => actionLine(context, card));
    const body = fillTemplate(random.pick(pools.ACTION_LISTS), { ...words, list: items.join("\n") });
    answer(post.send(random, { ...mail, at: officeHour(random, day), subject: `${project.name}: to do`, body }));
    if (random.uniform() < 0.5) {
      const at = officeHour(random, addDays(day, random.int(2, 12)));
      const paper = random.pick(pools.PAPERS);
      const values = { ...mailSlots(random, at), ...words, date: at.slice(0, 10) };
      const file = { name: fillTemplate(paper.name, values), text: fillTemplate(paper.text, values) };
      const subject = `${project.name}: ${paper.name.slice(0, paper.name.indexOf("-"))}`;
      answer(post.send(random, { ...mail, at, subject, body: fillTemplate(paper.body, values), files: [file] }));
    }
  }
}

function postAnswer(
  post: Post,
  random: KeyedRandom,
  answers: Posted,
  from: Person,
  to: Person,
  templates: readonly string[],
  more: Readonly<Record<string, string>> = {},
): void {
  const at = answerTime(random, answers.at);
  const words = { ...mailSlots(random, at), name: firstName(to), me: firstName(from), ...more };
  const subject = answers.subject.startsWith("Re: ") ? answers.subject : `Re: ${answers.subject}`;
  const body = fillTemplate(random.pick(templates), words);
  post.send(random, { at, from, to: [to.email], subject, body, kind: answers.kind, answers });
}

function postClubs(post: Post): void {
  const { context } = post;
  for (const { name, tie, people, meetings } of context.life.clubs) {
    if (people.length < 2) continue;
    meetings.forEach(({ at, place, topic }, i) => {
      if (i % 2 === 1) return;
      const random = context.random("quillpost", "club", tie, i);
      const host = context.person(random.pick(people));
      const guests = people.map((index) => context.person(index)).filter((person) => person !== host);
      const words = { club: name, topic, place, date: sayDay(at), hour: at.slice(11, 16), me: firstName(host) };
      const agenda = post.send(random, {
        at: officeHour(random, addDays(at, -random.int(4, 8))),
        from: host,
        to: guests.map(({ email }) => email),
        subject: `${name}: ${topic}`,
        body: fillTemplate(random.pick(pools.AGENDAS), words),
        kind: "club",
      });
      if (agenda === undefined) return;
      for (const guest of random.sample(guests, random.int(0, 2))) {
        postAnswer(post, random, agenda, guest, host, pools.AGENDA_ANSWERS);
      }
    });
  }
}

function postOuting(post: Post, { id, kind, title, place, at, people, payer, totalCents, shares }: Outing): void {
  const { context } = post;
  const random = context.random("quillpost", "outing", id);
  const trip = kind === "trip";
  if (!trip && random.uniform() < 0.75) return;
  const host = context.person(payer);
  const guests = people.filter((index) => index !== payer).map((index) => context.person(index));
  const [first] = guests;
  if (first === undefined) return;
  const words = {
    title,
    place,
    date: sayDay(at),
    hour: at.slice(11, 16),
    total: centsText(totalCents),
    part: centsText(shares.get(people.find((index) => index !== payer) ?? 0) ?? 0),
    me: firstName(host),
  };
  const letter = (
    days: number,
    subject: string,
    templates: readonly string[],
    files: { name: string; text: string }[],
  ) => {
    const posted = post.send(random, {
      at: officeHour(random, addDays(at, days)),
      from: host,
      to: guests.map(({ email }) => email),
      subject,
      body: fillTemplate(random.pick(templates), words),
      kind: trip ? "trip" : "friend",
      files,
    });
    if (posted === undefined) return;
    for (const guest of random.sample(guests, random.int(0, 2))) {
      postAnswer(post, random, posted, guest, host, pools.OUTING_ANSWERS);
    }
  };
  if (trip) {
    const rules = {
      name: `house-rules-${id}.txt`,
      text: `${place}\nWood is behind the house.\nPlease sweep before you go.`,
    };
    letter(-random.int(5, 12), `Plan: ${title}`, pools.TRIP_PLANS, [rules]);
  }
  if (!trip || random.uniform() < 0.5) letter(random.int(1, 3), title, pools.OUTING_SUMS, []);
}

/** Newsletters, services and spam of one member. */
export function postForeign(
  post: Post,
  person: Person,
  subscribed: readonly (typeof pools.NEWSLETTERS)[number][],
): void {
  const { context } = post;
  const random = context.random("quillpost", "foreign", person.email);
  const write = (from: string, template: { subject: string; body: string }, at: string, kind: LetterKind, files: {
    name: string;
    text: string;
  }[] = []) => {
    const words = { ...mailSlots(random, at), name: firstName(person) };
    post.send(random, {
      at,
      from,
      to: [person.email],
      subject: fillTemplate(template.subject, words),
      body: fillTemplate(template.body, words),
      kind,
      files: files.map(({ name, text }) => ({ name: fillTemplate(name, words), text: fillTemplate(text, words) })),
    });
  };
  for (const { address, issues } of subscribed) {
    for (let i = context.count(random, 3, 6, 2); i > 0; i--) {
      write(address, random.pick(issues), context.moment(random), "newsletter");
    }
  }
  for (const service of random.sample(pools.SERVICE_LETTERS, context.count(random, 5, 8, 2))) {
    write(service.address, service, context.moment(random), "service", service.enclosed ? [service.enclosed] : []);
  }
  for (const spam of random.sample(pools.SPAM_LETTERS, context.count(random, 3, 5, 1))) {
    write(spam.address, spam, context.moment(random), "spam");
  }
}

/** Fills the mail of one member with conversations, at least some, up to so many letters. */
export function postConversations(post: Post, index: number, least: number, letters: number): void {
  const { context } = post;
  const me = context.person(index);
  const random = context.random("quillpost", "personal", me.email);
  const known = [...context.known(index)].map(([other, ties]) => ({ person: context.person(other), ties }))
    .filter(({ person }) => hasMail(person));
  if (known.length === 0) return;
  for (let i = 0; i < least || post.count(me.email) < letters; i++) {
    const { person: other, ties } = random.uniform() < 0.5 ? random.pick(known.slice(0, 8)) : random.pick(known);
    const work = ties.some((tie) => tie === "colleague" || tie === "manager");
    const { subject, letters: bodies } = random.pick(work && random.uniform() < 0.7 ? pools.WORK : pools.PERSONAL);
    const family = ties.some((tie) => !["colleague", "manager", "friend", "neighbour"].includes(tie));
    const kind = work ? "work" : family ? "family" : "friend";
    const people = random.uniform() < 0.5 ? [me, other] : [other, me];
    let at = context.moment(random);
    const words = mailSlots(random, at);
    // Some conversations end before everything was said: letters without an answer.
    const said = random.uniform() < 0.3 ? 1 : bodies.length;
    let last: Posted | undefined;
    for (const [n, body] of bodies.slice(0, said).entries()) {
      const [from, to] = n % 2 === 0 ? [people[0], people[1]] : [people[1], people[0]];
      if (from === undefined || to === undefined) return;
      const values = { ...words, name: firstName(to), me: firstName(from) };
      const file = random.pick(pools.PERSONAL_FILES);
      const files = random.uniform() < 0.12
        ? [{ name: fillTemplate(file.name, values), text: fillTemplate(file.text, values) }]
        : [];
      const filled = fillTemplate(subject, words);
      last = post.send(random, {
        at,
        from,
        to: [to.email],
        subject: n === 0 ? filled : `Re: ${filled}`,
        body: fillTemplate(body, values),
        kind,
        answers: last,
        files,
      });
      if (last === undefined) break;
      at = answerTime(random, at);
    }
  }
}
