/**
 * Duplicates removed: files with the same text, contacts that are in the phone twice, tracks that a mix repeats.
 *
 * @module
 */
import {
  type Apis,
  bench,
  cycle,
  daysAgo,
  idIn,
  numberOf,
  phrase,
  reject,
  type Row,
  type Scenario,
  type SetupContext,
  textOf,
  type Write,
} from "./_kit.ts";
import { isFreePlace, plantFile } from "./_files.ts";
import { entriesOf, mixesOf, trackIdsOf } from "./_larkbox.ts";
import { uniquelyNamed } from "./_phone.ts";
import { allPages, signIn } from "./_toolbox.ts";

const FOLDERS = ["/photo-notes", "/transcripts", "/field-notes", "/scrapbook", "/interviews", "/stories"] as const;
const SUBJECTS = ["heron", "ferry", "kiln", "orchard", "tower", "market", "bridge", "lantern", "mill", "pier"] as const;
const CORNERS = ["", "/old", "/phone", "/phone/backup"] as const;

function drawFiles(ctx: SetupContext) {
  const folder = cycle(ctx, FOLDERS.slice(ctx.random.int(0, 3)));
  if (!isFreePlace(ctx, folder)) return reject("the folder exists");
  const writes: Write[] = [];
  SUBJECTS.forEach((subject, i) => {
    const copies = i < 3 ? 1 : i < 7 ? 2 : 3;
    const text = `The ${subject}, seen ${ctx.random.int(2, 9)} times.\nIt was ${
      ctx.random.pick(["cold", "late", "loud"])
    }.`;
    const corners = ctx.random.shuffle(CORNERS).slice(0, copies);
    const ages = ctx.random.sample([3, 8, 21, 40, 77, 130, 190, 260], copies);
    const oldest = Math.max(...ages);
    corners.forEach((corner, n) => {
      const name = n === 0
        ? `${subject}.txt`
        : ctx.random.pick([`${subject}.txt`, `${subject}-copy.txt`, `note-${subject}.txt`]);
      const path = `${folder}${corner}/${name}`;
      const age = ages[n] ?? 1;
      plantFile(ctx, path, text, `${daysAgo(ctx, age)}T${ctx.random.int(10, 20)}:30:00`);
      if (age !== oldest) writes.push({ app: "stowbox", api: "remove_file", args: { path } });
    });
    // The same name and length, but not the same text; and the same text outside.
    if (i % 3 === 0) {
      const other = text.replace("seen", "SEEN");
      plantFile(ctx, `${folder}/other/${subject}.txt`, other, `${daysAgo(ctx, 300 + i)}T09:00:00`);
      plantFile(ctx, `${folder}-kept/${subject}.txt`, text, `${daysAgo(ctx, 350)}T09:00:00`);
    }
  });
  return {
    instruction: phrase(ctx, [
      `In ${folder} and the folders below it, the same text is often stored in several files. Keep only the file that was last changed the longest ago of each text and remove the others. Names do not matter, and texts must be equal to the letter.`,
      `Please clean up ${folder}, with everything below: wherever files have exactly the same text, whatever they are called, leave the one with the earliest last change and delete the rest.`,
      `I saved many things twice or three times somewhere in ${folder} (subfolders included). Delete the copies, that is files with an identical text, so that only the one changed first, by its date of last change, remains.`,
    ]),
    pub: { folder },
    writes,
  };
}

function solveFiles(apis: Apis, pub: { folder: string }) {
  const token = signIn(apis, "stowbox");
  const files = allPages(apis.stowbox.list_folder, { token, path: pub.folder, deep: true, type: "file" })
    .sort((a, b) => (a.edited_at < b.edited_at ? -1 : 1));
  const seen = new Set();
  for (const { path } of files) {
    const { text } = apis.stowbox.read_file({ token, path });
    if (seen.has(text)) apis.stowbox.remove_file({ token, path });
    seen.add(text);
  }
}

const SIGNS = [
  { field: "address", said: "a postal address" },
  { field: "birthday", said: "a birthday" },
  { field: "favourite", said: "marked as a favourite" },
] as const;

function hasField(row: Row, field: string): boolean {
  return field === "favourite" ? row["favourite"] === true : textOf(row, field) !== "";
}

function drawContacts(ctx: SetupContext) {
  const { field, said } = cycle(ctx, SIGNS);
  const people = ctx.random.sample(uniquelyNamed(ctx), 12);
  if (people.length < 12) return reject("too few contacts");
  const me = ctx.as();
  const value = { address: "Linden Court 4, Harrowby", birthday: "1988-04-12", favourite: null }[field];
  const copy = (row: Row, withField: boolean, number = textOf(row, "number"), name = textOf(row, "name")) => {
    const extra = withField && field !== "favourite" ? { [field]: value } : {};
    const args = { name, number, email: textOf(row, "email"), ties: row["ties"] ?? [], ...extra };
    const id = idIn(me("handset", "add_contact", args), "contact_id");
    if (withField && field === "favourite") me("handset", "mark_favourite", { contact_id: id, on: true });
    return id;
  };
  const gone: number[] = [];
  people.forEach((row, i) => {
    if (i >= 9) {
      // A namesake, or somebody else with the same phone.
      copy(
        row,
        false,
        i === 9 ? "531-555-0177" : undefined,
        i === 9 ? undefined : `Pat ${textOf(row, "name").split(" ").at(-1)}`,
      );
      return;
    }
    const original = hasField(row, field);
    const added = copy(row, !original);
    gone.push(original ? added : row.id);
    if (i % 4 === 0) gone.push(copy(row, false));
  });
  const rule = field === "favourite" ? `the one that is ${said}` : `the one that has ${said}`;
  return {
    instruction: phrase(ctx, [
      `Some people are in my contacts more than once, with the same name and the same number. Of each of them keep ${rule} and remove the rest. Somebody who shares only the name or only the number with another stays.`,
      `Please get rid of double entries in my phone book. Double means that name and phone number are both the same; keep ${rule}, delete the other or others, and do not touch anybody else.`,
      `My contacts have duplicates: same full name, same number. Clean that up so that only ${rule} is left of each. People who merely have the same name or merely the same number are not duplicates.`,
    ]),
    pub: { field },
    said: { field: said },
    writes: gone.map((contact_id): Write => ({ app: "handset", api: "remove_contact", args: { contact_id } })),
  };
}

function solveContacts(apis: Apis, pub: { field: string }) {
  const token = signIn(apis, "handset");
  const groups = new Map();
  for (const contact of allPages(apis.handset.list_contacts, { token })) {
    const key = `${contact.name} ${contact.number}`;
    groups.set(key, [...(groups.get(key) ?? []), contact]);
  }
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    for (const { contact_id } of group) {
      const detail = apis.handset.get_contact({ token, contact_id });
      const wanted = pub.field === "favourite" ? detail.favourite : detail[pub.field] !== null;
      if (!wanted) apis.handset.remove_contact({ token, contact_id });
    }
  }
}

function drawMixes(ctx: SetupContext) {
  const mixes = mixesOf(ctx).filter(({ id }) => entriesOf(ctx, id).length >= 5);
  const [spared, ...others] = ctx.random.shuffle(mixes);
  if (spared === undefined || others.length < 7) return reject("too few mixes");
  if (mixes.filter((mix) => mix["title"] === spared["title"]).length > 1) return reject("a title twice");
  const me = ctx.as();
  const repeat = (mix_id: number, track_id: number) => me("larkbox", "add_to_mix", { mix_id, track_id });
  for (const mix of others.slice(0, 7)) {
    const tracks = [...new Set(trackIdsOf(ctx, mix.id))];
    for (const track of ctx.random.sample(tracks, ctx.random.int(1, 3))) repeat(mix.id, track);
  }
  for (const track of trackIdsOf(ctx, spared.id).slice(0, 2)) repeat(spared.id, track);
  const writes = others.flatMap((mix) => {
    const seen = new Set<number>();
    return entriesOf(ctx, mix.id).flatMap((entry): Write[] => {
      const track = numberOf(entry, "track_id");
      if (!seen.has(track)) {
        seen.add(track);
        return [];
      }
      return [{ app: "larkbox", api: "remove_from_mix", args: { mix_id: mix.id, entry_id: entry.id } }];
    });
  });
  // Small mixes have no repetition but are looked at, too.
  const rest = mixesOf(ctx).filter((mix) => !mixes.some(({ id }) => id === mix.id));
  if (rest.some(({ id }) => new Set(trackIdsOf(ctx, id)).size < entriesOf(ctx, id).length)) {
    return reject("unclear mixes");
  }
  const title = textOf(spared, "title");
  return {
    instruction: phrase(ctx, [
      `Take the repetitions out of all my mixes but "${title}", where I want them: a track that is in a mix several times stays only where it comes first.`,
      `Several of my mixes contain the same track twice. Please remove the later ones so that each track is in a mix once, at its first place. Do not change "${title}", it repeats on purpose.`,
      `No track should be twice in the same mix of mine, except in "${title}", which stays as it is. Keep the first appearance and take out the others. A track in two different mixes is fine.`,
    ]),
    pub: { title },
    writes,
  };
}

function solveMixes(apis: Apis, pub: { title: string }) {
  const token = signIn(apis, "larkbox");
  for (const { mix_id, title } of allPages(apis.larkbox.list_my_mixes, { token })) {
    if (title === pub.title) continue;
    const seen = new Set();
    for (const { entry_id, track_id } of allPages(apis.larkbox.list_mix_entries, { token, mix_id })) {
      if (seen.has(track_id)) apis.larkbox.remove_from_mix({ token, mix_id, entry_id });
      seen.add(track_id);
    }
  }
}

/** Scenarios of this generator. */
export const removeDuplicates: readonly Scenario[] = [
  bench({
    family: "remove_duplicates/files",
    split: "dev",
    difficulty: 1,
    apps: ["stowbox"],
    axis: {},
    draw: drawFiles,
    solve: solveFiles,
  }),
  bench({
    family: "remove_duplicates/contacts",
    split: "dev",
    difficulty: 1,
    apps: ["handset"],
    axis: {},
    draw: drawContacts,
    solve: solveContacts,
  }),
  bench({
    family: "remove_duplicates/mixes",
    split: "dev",
    difficulty: 1,
    apps: ["larkbox"],
    axis: {},
    draw: drawMixes,
    solve: solveMixes,
  }),
];
