/**
 * The user's contacts: verb (read, set) × field (number, e-mail, birthday) of one person; and favourites on or off × tie or person.
 *
 * @module
 */
import type { Reject, Scenario, SetupContext, Split } from "../../scenario.ts";
import { define, type Draw } from "./_define.ts";
import { act, keep, pages, signIn, WHO, type Who } from "./_idioms.ts";
import { addNamesake, beyondFirstPage, choose, contactsOf, groupsOf, peoplePhrase, reject, textOf } from "./_setup.ts";

type Field = "number" | "email" | "birthday";

const FIELDS: readonly (readonly ["read" | "set", Field, Split])[] = [
  ["read", "birthday", "train"],
  ["read", "email", "train"],
  ["set", "number", "train"],
  ["set", "email", "train"],
  ["set", "birthday", "test_normal"],
];

const FAVOURITES: readonly (readonly ["on" | "off", Who, Split])[] = [
  ["on", "tie", "train"],
  ["on", "person", "train"],
  ["off", "person", "train"],
  ["off", "tie", "dev"],
];

const FIELD_PHRASE: Readonly<Record<Field, string>> = {
  number: "phone number",
  email: "e-mail address",
  birthday: "birthday",
};

function drawField(ctx: SetupContext, verb: "read" | "set", field: Field): Draw | Reject {
  const group = choose(
    ctx,
    groupsOf(ctx, "person", false),
    ({ members }) => members.every((member) => textOf(member, field) !== ""),
  );
  const [row] = group?.members ?? [];
  if (group === undefined || row === undefined) return reject(`no contact with a ${field}`);
  addNamesake(ctx, group.value);
  const name = group.value;
  const what = FIELD_PHRASE[field];
  if (verb === "read") {
    const instruction = ctx.random.pick([
      `What is the ${what} of ${name}?`,
      `Which ${what} do I have for ${name} in my contacts?`,
      `Look up the ${what} of ${name} in my phone.`,
    ]);
    return { instruction, args: [name], answer: textOf(row, field) };
  }
  const old = textOf(row, field);
  const value = field === "number"
    ? old.replace(/\d\d$/, String(ctx.random.int(10, 99)))
    : field === "email"
    ? `${name.toLowerCase().replace(/[^a-z]+/g, ".")}${ctx.random.int(2, 99)}@newmail.test`
    : `${ctx.random.int(1950, 2004)}-${String(ctx.random.int(1, 12)).padStart(2, "0")}-${ctx.random.int(10, 28)}`;
  if (value === old) return reject("the value is already right");
  const instruction = ctx.random.pick([
    `The ${what} of ${name} is now ${value}. Correct it in my contacts.`,
    `Set the ${what} of ${name} to ${value} in my phone.`,
    `Change the ${what} of ${name} in my contacts to ${value}.`,
  ]);
  return {
    instruction,
    args: [name, value],
    writes: [{ app: "handset", api: "edit_contact", args: { contact_id: row.id, [field]: value } }],
  };
}

function drawFavourite(ctx: SetupContext, on: "on" | "off", who: Who): Draw | Reject {
  const all = contactsOf(ctx);
  const group = choose(ctx, groupsOf(ctx, who, false), ({ members }) => beyondFirstPage(ctx, members));
  if (group === undefined) return reject("the first page shows all");
  const client = ctx.as();
  // All start on the wrong side, and one other favourite must stay.
  for (const row of group.members) client("handset", "mark_favourite", { contact_id: row.id, on: on === "off" });
  const others = all.filter((row) => !group.members.some((member) => member.id === row.id));
  if (others.length > 0) client("handset", "mark_favourite", { contact_id: ctx.random.pick(others).id, on: true });
  if (who === "person") addNamesake(ctx, group.value);
  const whom = peoplePhrase(who, group.value);
  const instruction = on === "on"
    ? ctx.random.pick([`Add ${whom} to my favourite contacts.`, `In my phone, mark ${whom} as favourite.`])
    : ctx.random.pick([`Remove ${whom} from my favourite contacts.`, `In my phone, mark ${whom} as not favourite.`]);
  return {
    instruction,
    args: [group.value],
    writes: group.members.map((row) => ({
      app: "handset",
      api: "mark_favourite",
      args: { contact_id: row.id, on: on === "on" },
    })),
  };
}

/** Scenarios of both generators. */
export const contacts: readonly Scenario[] = [
  ...FIELDS.map(([verb, field, split]) =>
    define({
      family: `contact_field/${verb}/${field}`,
      split,
      difficulty: 1,
      name: `${verb}_${field}_of_person`,
      params: ["name", ...(verb === "read" ? [] : [field])],
      lines: [
        ...signIn("handset"),
        pages("handset", "contacts"),
        keep("contacts", WHO.person.keep),
        verb === "read"
          ? `return rows[0].${field};`
          : act("handset", "edit_contact", `contact_id: x.contact_id, ${field}`),
      ],
      lookups: { handset: verb === "read" ? "list contacts" : "list contacts edit" },
      draw: (ctx) => drawField(ctx, verb, field),
    })
  ),
  ...FAVOURITES.map(([on, who, split]) =>
    define({
      family: `favourites/${on}/${who}`,
      split,
      difficulty: who === "tie" ? 2 : 1,
      name: `turn_${on}_favourite_of_${who}`,
      params: [WHO[who].param],
      lines: [
        ...signIn("handset"),
        pages("handset", "contacts"),
        keep("contacts", WHO[who].keep),
        act("handset", "mark_favourite", `contact_id: x.contact_id, on: ${on === "on"}`),
      ],
      lookups: { handset: "list contacts mark favourite" },
      draw: (ctx) => drawFavourite(ctx, on, who),
    })
  ),
];
