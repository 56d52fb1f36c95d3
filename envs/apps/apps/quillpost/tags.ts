/**
 * Tags of quillpost: each member's own, on whole conversations.
 *
 * @module
 */
import { conflict } from "../../errors.ts";
import { rowId, text } from "../../params.ts";
import { type Api, api, type Call, list } from "../../schema.ts";
import { ownRow } from "../_common.ts";
import { ownConversation } from "./_mail.ts";
import { mailTag, mailTagLink, sortRule } from "./tables.ts";

const TAG_ID = { tag_id: rowId("id of the tag") };
const TAG_NOTE = { note: "text", tag_id: "integer" } as const;
const LINK = { conversation_id: rowId("id of the conversation"), ...TAG_ID };
const LINK_NOTE = { note: "text", conversation_id: "integer" } as const;

function ownTag(call: Call, id: number, verb: string) {
  return ownRow(call, mailTag, id, "tag", verb);
}

function needFreeName({ world, member }: Call, name: string, verb: string): void {
  if (world.rows(mailTag, member).some((row) => row.name === name)) throw conflict(`${verb} ${name}`, "name taken");
}

function linkOf({ world, member }: Call, conversationId: number, tagId: number) {
  return world.rowsWhere(mailTagLink, "tag_id", tagId)
    .find((row) => row.owner === member && row.conversation_id === conversationId);
}

/** The tag group. */
export const mailTagApis: readonly Api[] = [
  list("list_tags", {
    about: "Own tags.",
    params: {},
    returns: [{ tag_id: "integer", name: "text" }],
    rows: ({ world, member }) => world.rows(mailTag, member),
    view: ({ id, name }) => ({ tag_id: id, name }),
    orders: { name: ({ name }) => name },
  }),
  api("add_tag", {
    about: "Make a tag.",
    params: { name: text("name, new among the own tags") },
    returns: TAG_NOTE,
    handler(call, { name }) {
      needFreeName(call, name, "make the tag");
      return { note: "Tag made.", tag_id: call.world.insert(mailTag, { owner: call.member, name }).id };
    },
  }),
  api("rename_tag", {
    about: "Give a tag another name; sort rules that give the tag follow.",
    params: { ...TAG_ID, name: text("new name") },
    returns: TAG_NOTE,
    handler(call, { tag_id, name }) {
      const { name: old } = ownTag(call, tag_id, "rename");
      needFreeName(call, name, "rename the tag to");
      for (const rule of call.world.rows(sortRule, call.member)) {
        if (rule.action === "tag" && rule.value === old) call.world.update(sortRule, rule.id, { value: name });
      }
      call.world.update(mailTag, tag_id, { name });
      return { note: "Tag renamed.", tag_id };
    },
  }),
  api("remove_tag", {
    about: "Remove a tag from everything; sort rules that give it go with it.",
    params: TAG_ID,
    returns: { note: "text" },
    handler(call, { tag_id }) {
      const { name } = ownTag(call, tag_id, "remove");
      for (const { id } of call.world.rowsWhere(mailTagLink, "tag_id", tag_id)) call.world.remove(mailTagLink, id);
      for (const rule of call.world.rows(sortRule, call.member)) {
        if (rule.action === "tag" && rule.value === name) call.world.remove(sortRule, rule.id);
      }
      call.world.remove(mailTag, tag_id);
      return { note: "Tag removed." };
    },
  }),
  api("tag_conversation", {
    about: "Put a tag on a conversation.",
    params: LINK,
    returns: LINK_NOTE,
    handler(call, { conversation_id, tag_id }) {
      ownConversation(call, conversation_id, "tag");
      ownTag(call, tag_id, "use");
      if (linkOf(call, conversation_id, tag_id) !== undefined) {
        throw conflict(`tag conversation ${conversation_id}`, "it has that tag already");
      }
      call.world.insert(mailTagLink, { owner: call.member, tag_id, conversation_id });
      return { note: "Conversation tagged.", conversation_id };
    },
  }),
  api("untag_conversation", {
    about: "Take a tag off a conversation.",
    params: LINK,
    returns: LINK_NOTE,
    handler(call, { conversation_id, tag_id }) {
      ownConversation(call, conversation_id, "change");
      ownTag(call, tag_id, "use");
      const link = linkOf(call, conversation_id, tag_id);
      if (link === undefined) throw conflict(`untag conversation ${conversation_id}`, "it does not have that tag");
      call.world.remove(mailTagLink, link.id);
      return { note: "Tag taken off.", conversation_id };
    },
  }),
];
