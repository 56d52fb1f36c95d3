/**
 * What quillpost does by itself: sort rules for new letters, groups of addresses, and the away note.
 *
 * Choices: rules act on letters that arrive later, never on those that are there. Setting the away note makes everybody new to it.
 *
 * @module
 */
import { badArgument, conflict, notFound } from "../../errors.ts";
import { anyText, choice, date, emails, flag, optional, rowId, text, withDefault } from "../../params.ts";
import { type Api, api, type Call, list } from "../../schema.ts";
import { needChange, ownRow } from "../_common.ts";
import { ownGroup } from "./_mail.ts";
import { addressGroup, awayNote, mailTag, type SortRule, sortRule } from "./tables.ts";

const FIELDS = ["from", "to", "subject", "body"] as const;
const ACTIONS = ["move", "tag", "star", "seen"] as const;
const RULE_ID = { rule_id: rowId("id of the rule") };
const RULE_NOTE = { note: "text", rule_id: "integer" } as const;

type RuleValues = Pick<SortRule, "field" | "contains" | "action" | "value">;

/** @throws {AgentError} 422 or 404 if the action cannot be done with the value; 409 if another rule is the same. */
function checkRule({ world, member }: Call, wanted: RuleValues, except?: number): void {
  const { action, value } = wanted;
  if (action === "move" && (value === "" || value === "sent" || value === "snoozed")) {
    throw badArgument("value", `letters cannot be moved to "${value}"`, "inbox, archive, bin or a folder of your own");
  }
  if (action === "tag" && !world.rows(mailTag, member).some(({ name }) => name === value)) {
    throw notFound("tag", "name", value);
  }
  if ((action === "star" || action === "seen") && value !== "") {
    throw badArgument("value", `the action ${action} takes none`, "empty text");
  }
  const same = (row: RuleValues) =>
    row.field === wanted.field && row.contains.toLowerCase() === wanted.contains.toLowerCase() &&
    row.action === action && row.value === value;
  if (world.rows(sortRule, member).some((row) => row.id !== except && same(row))) {
    throw conflict("keep the rule", "there is one like it");
  }
}

/** The rule group. */
export const ruleApis: readonly Api[] = [
  list("list_rules", {
    about: "Own sort rules in the order in which they act.",
    params: {},
    returns: [{
      rule_id: "integer",
      field: FIELDS.join("|"),
      contains: "text",
      action: ACTIONS.join("|"),
      value: "text",
    }],
    rows: ({ world, member }) => world.rows(sortRule, member),
    view: ({ id, field, contains, action, value }) => ({ rule_id: id, field, contains, action, value }),
    search: ({ field, contains, action, value }) => `${field} ${contains} ${action} ${value}`,
    orders: { contains: ({ contains }) => contains },
  }),
  api("add_rule", {
    about: "Make a sort rule for letters that arrive from now on; capitals do not matter.",
    params: {
      field: choice("where to look", FIELDS),
      contains: text("what must be in it"),
      action: choice("what to do", ACTIONS),
      value: withDefault(anyText("folder to move to, or name of the tag; nothing for star and seen"), ""),
    },
    returns: RULE_NOTE,
    handler(call, values) {
      checkRule(call, values);
      return { note: "Rule made.", rule_id: call.world.insert(sortRule, { owner: call.member, ...rule(values) }).id };
    },
  }),
  api("edit_rule", {
    about: "Change a sort rule.",
    params: {
      ...RULE_ID,
      field: optional(choice("where to look", FIELDS)),
      contains: optional(text("what must be in it")),
      action: optional(choice("what to do", ACTIONS)),
      value: optional(anyText("folder, name of the tag, or nothing")),
    },
    returns: RULE_NOTE,
    handler(call, { rule_id, field, contains, action, value }) {
      const row = ownRow(call, sortRule, rule_id, "rule", "change");
      needChange({ field, contains, action, value });
      const wanted = {
        field: field ?? row.field,
        contains: contains ?? row.contains,
        action: action ?? row.action,
        value: value ?? row.value,
      };
      checkRule(call, wanted, rule_id);
      call.world.update(sortRule, rule_id, wanted);
      return { note: "Rule changed.", rule_id };
    },
  }),
  api("remove_rule", {
    about: "Remove a sort rule.",
    params: RULE_ID,
    returns: { note: "text" },
    handler(call, { rule_id }) {
      ownRow(call, sortRule, rule_id, "rule", "remove");
      call.world.remove(sortRule, rule_id);
      return { note: "Rule removed." };
    },
  }),
];

/** The columns of a rule and nothing else, such as the token of the call. */
function rule({ field, contains, action, value }: RuleValues): RuleValues {
  return { field, contains, action, value };
}

const GROUP_ID = { group_id: rowId("id of the group") };
const GROUP_NOTE = { note: "text", group_id: "integer" } as const;

function needFreeGroup({ world, member }: Call, name: string, verb: string): void {
  if (world.rows(addressGroup, member).some((row) => row.name === name)) {
    throw conflict(`${verb} ${name}`, "name taken");
  }
}

/** The group group. */
export const groupApis: readonly Api[] = [
  list("list_groups", {
    about: "Own groups of addresses with their members.",
    params: {},
    returns: [{ group_id: "integer", name: "text", members: ["e-mail"] }],
    rows: ({ world, member }) => world.rows(addressGroup, member),
    view: ({ id, name, members }) => ({ group_id: id, name, members }),
    search: ({ name, members }) => `${name} ${members.join(" ")}`,
    orders: { name: ({ name }) => name },
  }),
  api("add_group", {
    about: "Make a group of addresses.",
    params: { name: text("name, new among the own groups"), members: emails("addresses") },
    returns: GROUP_NOTE,
    handler(call, { name, members }) {
      needFreeGroup(call, name, "make the group");
      const values = { owner: call.member, name, members: [...members].sort() };
      return { note: "Group made.", group_id: call.world.insert(addressGroup, values).id };
    },
  }),
  api("edit_group", {
    about: "Change the name of a group, or who is in it.",
    params: {
      ...GROUP_ID,
      name: optional(text("new name")),
      members: optional(emails("all addresses from now on")),
    },
    returns: GROUP_NOTE,
    handler(call, { group_id, name, members }) {
      const row = ownGroup(call, group_id, "change");
      needChange({ name, members });
      if (name !== undefined && name !== row.name) needFreeGroup(call, name, "rename the group to");
      call.world.update(addressGroup, group_id, {
        name: name ?? row.name,
        members: members === undefined ? row.members : [...members].sort(),
      });
      return { note: "Group changed.", group_id };
    },
  }),
  api("remove_group", {
    about: "Remove a group; nobody's address is lost but here.",
    params: GROUP_ID,
    returns: { note: "text" },
    handler(call, { group_id }) {
      ownGroup(call, group_id, "remove");
      call.world.remove(addressGroup, group_id);
      return { note: "Group removed." };
    },
  }),
];

const NO_NOTE = { on: false, text: "", from_day: "", until_day: "" };

/** The away group. */
export const awayApis: readonly Api[] = [
  api("get_away_note", {
    about: "Own away note: whether it is on, what it says, and its days.",
    params: {},
    returns: { on: "flag", text: "text", from_day: "date|null", until_day: "date|null" },
    handler({ world, member }) {
      const { on, text, from_day, until_day } = world.rows(awayNote, member)[0] ?? NO_NOTE;
      const shown = (day: string) => (day === "" ? null : day);
      return { on, text, from_day: shown(from_day), until_day: shown(until_day) };
    },
  }),
  api("set_away_note", {
    about: "Turn the away note on or off; what is left out stays as it was. Every sender gets one answer.",
    params: {
      on: flag("whether it answers"),
      text: optional(text("what it answers")),
      from_day: optional(date("first day away")),
      until_day: optional(date("last day away")),
    },
    returns: { note: "text" },
    handler({ world, member }, { on, text, from_day, until_day }) {
      const [row] = world.rows(awayNote, member);
      const values = {
        on,
        text: text ?? row?.text ?? "",
        from_day: from_day ?? row?.from_day ?? "",
        until_day: until_day ?? row?.until_day ?? "",
        answered: [],
      };
      for (const name of ["text", "from_day", "until_day"] as const) {
        if (on && values[name] === "") throw badArgument(name, "it is missing and was never set", "a value");
      }
      if (values.until_day < values.from_day) {
        throw badArgument("until_day", "it lies before from_day", `date from ${values.from_day}`);
      }
      if (row === undefined) world.insert(awayNote, { owner: member, ...values });
      else world.update(awayNote, row.id, values);
      return { note: on ? "Away note is on." : "Away note is off." };
    },
  }),
];
