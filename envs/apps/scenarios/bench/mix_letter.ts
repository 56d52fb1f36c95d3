/**
 * A mix of the user goes to somebody by letter: its tracks as text, as an enclosed file, or as an answer to a letter that asks for it.
 *
 * @module
 */
import { farHolders, firstName, letterFrom, onDay, reached, smallTalk } from "./_cross_kit.ts";
import { isFreePlace } from "./_files.ts";
import {
  type Apis,
  bench,
  type BenchDraw,
  idIn,
  numberOf,
  phrase,
  type Reject,
  reject,
  type Row,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import { catalogueRow, mixesOf, trackIdsOf } from "./_larkbox.ts";
import { allPages, contactNamed, signIn } from "./_toolbox.ts";

type BodyPub = { readonly title: string; readonly name: string; readonly subject: string };
type FilePub = BodyPub & { readonly path: string; readonly text: string };
type AnswerPub = { readonly name: string; readonly minutes: number };

/** A private mix of the user that is not on the first page and has more tracks than a page. */
function farMix(ctx: SetupContext): Row | undefined {
  const mixes = mixesOf(ctx).slice(5).filter((row) => row["open"] === false && trackIdsOf(ctx, row.id).length >= 8);
  return mixes.length === 0 ? undefined : ctx.random.pick(mixes);
}

function lineOf(ctx: SetupContext, trackId: number): string {
  const track = catalogueRow(ctx, "track", trackId);
  const performer = catalogueRow(ctx, "performer", numberOf(track, "performer_id"));
  return `${textOf(track, "title")} - ${textOf(performer, "name")}`;
}

function drawBody(ctx: SetupContext): BenchDraw<BodyPub> | Reject {
  const mix = farMix(ctx);
  const [receiver] = farHolders(ctx);
  if (mix === undefined || receiver === undefined) return reject("no mix or nobody to write to");
  const { name, email } = receiver.person;
  const title = textOf(mix, "title");
  const subject = ctx.random.pick(["Listen to this", "My mix for you", "For your ears", "Songs as promised"]);
  const body = trackIdsOf(ctx, mix.id).map((id) => lineOf(ctx, id)).join("\n");
  return {
    instruction: phrase(ctx, [
      `Mail the track list of my larkbox mix "${title}" to ${name}, with the subject "${subject}". The text is one line for each track in the order of the mix, each as title, space, hyphen, space, performer, and nothing else.`,
      `${name} wants to know what is in my larkbox mix "${title}". Write a letter with the subject "${subject}" whose text has a line "title - performer" for every track in order, without any other words.`,
      `Please send ${name} a letter, subject "${subject}", that lists my larkbox mix "${title}": one track a line, in the mix's order, written "title - performer". No greeting, just the lines.`,
    ]),
    pub: { title, name, subject },
    writes: [{ app: "quillpost", api: "send_letter", args: { to: [email], subject, body } }],
  };
}

function solveBody(apis: Apis, pub: BodyPub): void {
  const { email } = contactNamed(apis, signIn(apis, "handset"), pub.name);
  const token = signIn(apis, "larkbox");
  const { mix_id } = allPages(apis.larkbox.list_my_mixes, { token }).find((x) => x.title === pub.title);
  const lines = allPages(apis.larkbox.list_mix_entries, { token, mix_id }).map(({ track_id }) => {
    const { title, performer } = apis.larkbox.get_track({ token, track_id });
    return `${title} - ${performer}`;
  });
  const mail = signIn(apis, "quillpost");
  apis.quillpost.send_letter({ token: mail, to: [email], subject: pub.subject, body: lines.join("\n") });
}

function drawFile(ctx: SetupContext): BenchDraw<FilePub> | Reject {
  const mix = farMix(ctx);
  const [receiver] = farHolders(ctx);
  if (mix === undefined || receiver === undefined) return reject("no mix or nobody to write to");
  const { name, email } = receiver.person;
  const title = textOf(mix, "title");
  const path = `/mixes/${title.toLowerCase().replaceAll(/[^a-z]+/g, "_")}.txt`;
  if (!isFreePlace(ctx, path)) return reject("the file is there");
  const subject = ctx.random.pick(["A mix to keep", "Track list enclosed", "The list you asked for"]);
  const text = ctx.random.pick(["Play it loud.", "Tell me which one you like best.", "Made for long trains."]);
  return {
    instruction: phrase(ctx, [
      `Export my larkbox mix "${title}" to ${path} and mail that file to ${name}: subject "${subject}", text "${text}"`,
      `I would like ${name} to have the track list of my mix "${title}" as a file. Export it from larkbox as ${path}, enclose it in a letter with the subject "${subject}" and the text "${text}", and send it.`,
      `Send ${name} a letter "${subject}" that says "${text}" and has the exported larkbox mix "${title}" in it; save the export in my files as ${path}.`,
    ]),
    pub: { title, name, subject, path, text },
    writes(client) {
      client("larkbox", "export_mix", { mix_id: mix.id, path });
      const draft_id = idIn(client("quillpost", "add_draft", { to: [email], subject, body: text }), "draft_id");
      client("quillpost", "enclose_file", { draft_id, path });
      client("quillpost", "send_draft", { draft_id });
    },
  };
}

function solveFile(apis: Apis, pub: FilePub): void {
  const { email } = contactNamed(apis, signIn(apis, "handset"), pub.name);
  const token = signIn(apis, "larkbox");
  const stow_token = signIn(apis, "stowbox");
  const { mix_id } = allPages(apis.larkbox.list_my_mixes, { token }).find((x) => x.title === pub.title);
  apis.larkbox.export_mix({ token, mix_id, path: pub.path, stow_token });
  const mail = signIn(apis, "quillpost");
  const { draft_id } = apis.quillpost.add_draft({ token: mail, to: [email], subject: pub.subject, body: pub.text });
  apis.quillpost.enclose_file({ token: mail, draft_id, path: pub.path, stow_token });
  apis.quillpost.send_draft({ token: mail, draft_id });
}

function drawAnswer(ctx: SetupContext): BenchDraw<AnswerPub> | Reject {
  const mix = farMix(ctx);
  const [friend] = farHolders(ctx);
  if (mix === undefined || friend === undefined) return reject("no mix or nobody to ask");
  const minutes = ctx.random.pick([4, 5, 6]);
  const ids = trackIdsOf(ctx, mix.id);
  const kept = ids.filter((id) => numberOf(catalogueRow(ctx, "track", id), "seconds") <= minutes * 60);
  if (kept.length < 3 || kept.length === ids.length || !ids.slice(5).some((id) => kept.includes(id))) {
    return reject("the length is no hurdle");
  }
  const title = textOf(mix, "title");
  const { person } = friend;
  const letterId = letterFrom(
    ctx,
    person,
    onDay(ctx, 15, 19),
    "Could I have your mix?",
    `You played "${title}" the other night. Would you send me what is on it? And please make it open, so that I can follow it.\n${
      firstName(person)
    }`,
  );
  smallTalk(ctx, person);
  const filed = ctx.rowsWhere("quillpost.letter_copy", "letter_id", letterId)
    .some((copy) => copy["owner"] === ctx.user.email && copy["folder"] === "archive");
  if (!reached(ctx, letterId) || filed) return reject("a rule filed the letter");
  const { name } = person;
  const body = kept.map((id) => lineOf(ctx, id)).join("\n");
  return {
    instruction: phrase(ctx, [
      `${name} asked me by letter for one of my larkbox mixes. Answer that letter with the tracks of the mix that are no longer than ${minutes} minutes, one line each as "title - performer", in the order of the mix and without other words. Make the mix open as they wish and archive the letter.`,
      `Find the letter in which ${name} wants a mix of mine. Open that mix in larkbox to everyone, and reply with its tracks of at most ${minutes} minutes: lines of the form "title - performer", as they stand in the mix, nothing more. Then put the letter into the archive.`,
      `A letter from ${name} is about a larkbox mix of mine. Please do what it asks: let everybody see the mix, and reply with a plain list, a line "title - performer" per track in order, leaving out all that run longer than ${minutes} minutes. Archive the letter afterwards.`,
    ]),
    pub: { name, minutes },
    writes(client) {
      client("larkbox", "edit_mix", { mix_id: mix.id, open: true });
      client("quillpost", "reply", { letter_id: letterId, body });
      client("quillpost", "archive", { letter_id: letterId });
    },
  };
}

function solveAnswer(apis: Apis, pub: AnswerPub): void {
  const { email } = contactNamed(apis, signIn(apis, "handset"), pub.name);
  const mail = signIn(apis, "quillpost");
  const token = signIn(apis, "larkbox");
  const mixes = allPages(apis.larkbox.list_my_mixes, { token });
  for (const { letter_id } of allPages(apis.quillpost.find_letters, { token: mail, from: email })) {
    const { body } = apis.quillpost.get_letter({ token: mail, letter_id });
    const mix = mixes.find((x) => body.includes(`"${x.title}"`));
    if (mix === undefined) continue;
    const lines = allPages(apis.larkbox.list_mix_entries, { token, mix_id: mix.mix_id })
      .map(({ track_id }) => apis.larkbox.get_track({ token, track_id }))
      .filter((x) => x.seconds <= pub.minutes * 60)
      .map((x) => `${x.title} - ${x.performer}`);
    apis.larkbox.edit_mix({ token, mix_id: mix.mix_id, open: true });
    apis.quillpost.reply({ token: mail, letter_id, body: lines.join("\n") });
    apis.quillpost.archive({ token: mail, letter_id });
    return;
  }
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** The three families. */
export const mix_letter: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "mix_letter/text",
    difficulty: 2,
    apps: ["handset", "larkbox", "quillpost"],
    draw: drawBody,
    solve: solveBody,
  }),
  bench({
    ...COMMON,
    family: "mix_letter/file",
    difficulty: 2,
    apps: ["handset", "larkbox", "quillpost", "stowbox"],
    draw: drawFile,
    solve: solveFile,
  }),
  bench({
    ...COMMON,
    family: "mix_letter/answer",
    difficulty: 3,
    apps: ["handset", "larkbox", "quillpost"],
    draw: drawAnswer,
    solve: solveAnswer,
  }),
];
