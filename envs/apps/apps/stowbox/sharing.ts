/**
 * Shared paths of stowbox. A share of a folder covers all that is in it.
 *
 * @module
 */
import { badArgument, conflict, notFound, notYours } from "../../errors.ts";
import { anyText, choice, email, path, rowId, withDefault } from "../../params.ts";
import { type Api, api, type Call, list, type RowOf } from "../../schema.ts";
import { memberByEmail, memberOf } from "../_common.ts";
import { LETTER_EFFECTS, sendAppLetter } from "../effects/letters.ts";
import { findFile, findFolder } from "./_store.ts";
import { shareGrant, stowMember } from "./tables.ts";

/** Tables that a letter writes. */
const RIGHTS = ["read", "edit"] as const;

function givenBy(call: Call): RowOf<typeof shareGrant.columns>[] {
  return call.world.rows(shareGrant, call.member).filter((row) => row.owner === call.member);
}

/** A share that the member gave. @throws {AgentError} 404, 403. */
function ownShare(call: Call, id: number, verb: string): RowOf<typeof shareGrant.columns> {
  const row = call.world.get(shareGrant, id);
  if (row === undefined) throw notFound("share", "id", id);
  if (row.owner !== call.member) throw notYours("share", verb);
  return row;
}

/** The sharing group. */
export const sharingApis: readonly Api[] = [
  list("list_shares", {
    about: "Shares that you gave, by path, optionally of one path.",
    params: { path: withDefault(anyText("only this path; all if empty"), "") },
    returns: [{ share_id: "integer", path: "path", email: "e-mail", rights: "read|edit", since: "datetime" }],
    rows: (call, { path }) =>
      givenBy(call).filter((row) => path === "" || row.path === path).sort((a, b) =>
        a.path < b.path ? -1 : a.path > b.path ? 1 : a.id - b.id
      ),
    view: ({ id, path, email, rights, made_at }) => ({ share_id: id, path, email, rights, since: made_at }),
    search: ({ path, email }) => `${path.replaceAll("/", " ")} ${email}`,
    orders: { path: (row) => row.path, email: (row) => row.email, since: (row) => row.made_at },
  }),
  api("share_path", {
    about: "Share a file or folder with a member, who gets a letter.",
    params: {
      path: path("file or folder"),
      email: email("e-mail of the member"),
      rights: withDefault(choice("what the member may do", RIGHTS), "read"),
    },
    returns: { note: "text", share_id: "integer" },
    effects: LETTER_EFFECTS,
    handler(call, { path, email, rights }) {
      const { world, member } = call;
      if (findFile(world, member, path) === undefined && findFolder(world, member, path) === undefined) {
        throw notFound("path", "name", path);
      }
      if (email === member) throw badArgument("email", "that is you", "e-mail of another member");
      memberByEmail(call, stowMember, email);
      if (givenBy(call).some((row) => row.path === path && row.email === email)) {
        throw conflict(`share ${path}`, "it is shared with that member already");
      }
      const { id } = world.insert(shareGrant, { owner: member, path, email, rights });
      const { name } = memberOf(call, stowMember, member);
      const body = `${name} (${member}) shares ${path} with you. You may ${rights} it.`;
      sendAppLetter(world, "stowbox", email, `${name} shares ${path}`, body);
      return { note: "Path shared.", share_id: id };
    },
  }),
  api("edit_share", {
    about: "Change what a member may do with a shared path.",
    params: { share_id: rowId("id of the share"), rights: choice("what the member may do", RIGHTS) },
    returns: { note: "text", share_id: "integer" },
    handler(call, { share_id, rights }) {
      const row = ownShare(call, share_id, "change");
      if (row.rights === rights) throw conflict(`change share ${share_id}`, `the member may ${rights} it already`);
      call.world.update(shareGrant, share_id, { rights });
      return { note: "Share changed.", share_id };
    },
  }),
  api("unshare_path", {
    about: "End a share.",
    params: { share_id: rowId("id of the share") },
    returns: { note: "text" },
    handler(call, { share_id }) {
      ownShare(call, share_id, "end");
      call.world.remove(shareGrant, share_id);
      return { note: "Share ended." };
    },
  }),
  list("list_shared_with_me", {
    about: "Paths that others share with you, by owner and path.",
    params: { owner: withDefault(anyText("only of this owner's e-mail; all if empty"), "") },
    returns: [{ share_id: "integer", owner: "e-mail", path: "path", rights: "read|edit", since: "datetime" }],
    rows: ({ world, member }, { owner }) =>
      world.rows(shareGrant, member).filter((row) => row.email === member && (owner === "" || row.owner === owner))
        .sort((a, b) => {
          const [left, right] = [`${a.owner} ${a.path}`, `${b.owner} ${b.path}`];
          return left < right ? -1 : left > right ? 1 : a.id - b.id;
        }),
    view: ({ id, owner, path, rights, made_at }) => ({ share_id: id, owner, path, rights, since: made_at }),
    search: ({ owner, path }) => `${path.replaceAll("/", " ")} ${owner}`,
    orders: { owner: ({ owner }) => owner, path: ({ path }) => path, since: ({ made_at }) => made_at },
  }),
];
