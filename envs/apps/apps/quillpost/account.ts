/**
 * The account group of quillpost: as in every app, with the signature below one's letters.
 *
 * @module
 */
import { anyText, optional, text } from "../../params.ts";
import { type Api, api } from "../../schema.ts";
import { accountApis, needChange, ownMember } from "../_common.ts";
import { mailMember } from "./tables.ts";

const OWN: readonly Api[] = [
  api("get_account", {
    about: "Own quillpost account with the signature that is put below letters.",
    params: {},
    returns: { name: "text", email: "e-mail", number: "text", since: "date", signature: "text" },
    handler(call) {
      const { name, owner, number, since, signature } = ownMember(call, mailMember);
      return { name, email: owner, number, since, signature };
    },
  }),
  api("edit_account", {
    about: "Change the name, number or signature of quillpost; an empty signature puts nothing below letters.",
    params: {
      name: optional(text("new name")),
      number: optional(text("new phone number")),
      signature: optional(anyText("new signature")),
    },
    returns: { note: "text" },
    handler(call, { name, number, signature }) {
      const member = ownMember(call, mailMember);
      needChange({ name, number, signature });
      call.world.update(mailMember, member.id, {
        name: name ?? member.name,
        number: number ?? member.number,
        signature: signature ?? member.signature,
      });
      return { note: "Account changed." };
    },
  }),
];

/** The account group. */
export const mailAccountApis: readonly Api[] = accountApis("quillpost", mailMember, "owner").map((shared) =>
  OWN.find(({ name }) => name === shared.name) ?? shared
);
