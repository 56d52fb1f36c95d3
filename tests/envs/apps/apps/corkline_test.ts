import assert from "node:assert/strict";
import { corkline } from "../../../../envs/apps/apps/corkline/mod.ts";
import {
  board,
  boardMember,
  card,
  corkAlert,
  invite,
  lane,
  step,
  tag,
} from "../../../../envs/apps/apps/corkline/tables.ts";
import { letter } from "../../../../envs/apps/apps/quillpost/tables.ts";
import { appCalls, type Row } from "../_app_kit.ts";
import { openApps as open, status } from "../_kit.ts";

const PROFILE = "mid";

/** A board that the user leads, with an editor, a viewer and somebody outside. */
function stage() {
  const opened = open(PROFILE);
  const { world, people, as, me } = opened;
  const [lead, editor, viewer, outsider] = people;
  assert.ok(lead !== undefined && editor !== undefined && viewer !== undefined && outsider !== undefined);
  const { one: cork, rows } = appCalls(me, corkline);
  const by = (person: { email: string }, api: string, args: Row = {}) => appCalls(as(person), corkline).one(api, args);
  const board_id = Number(cork("add_board", { name: "Test Board", lanes: ["Open", "Busy"] })["board_id"]);
  for (const [person, role] of [[editor, "editor"], [viewer, "viewer"]] as const) {
    cork("invite_member", { board_id, email: person.email, role });
    by(person, "accept_invite", { code: codeOf(person.email) });
  }
  function codeOf(email: string): string {
    return world.rows(invite, email).at(-1)?.code ?? "";
  }
  const lanes = rows("list_lanes", { board_id });
  const [open1 = 0, busy = 0] = lanes.map((row) => Number(row["lane_id"]));
  const add = (title: string, more: Row = {}) =>
    Number(cork("add_card", { board_id, lane_id: open1, title, ...more })["card_id"]);
  return { ...opened, cork, rows, by, board_id, open1, busy, add, codeOf, lead, editor, viewer, outsider };
}

Deno.test("list_boards() does show own boards only, archived ones when asked", () => {
  const { cork, rows, by, board_id, outsider } = stage();
  const has = (found: Row[]) => found.some((row) => row["board_id"] === board_id);
  assert.ok(has(rows("list_boards", { size: 20 })));
  cork("archive_board", { board_id, on: true });
  assert.ok(!has(rows("list_boards", { archived: false, size: 20 })));
  assert.ok(has(rows("list_boards", { archived: true, size: 20 })));
  assert.ok(!has(by(outsider, "list_boards", { size: 20 }) as unknown as Row[]));
  assert.equal(status(() => by(outsider, "get_board", { board_id })), 403);
  assert.equal(status(() => cork("get_board", { board_id: 999_999 })), 404);
});

Deno.test("add_board() does make lanes in order and its maker the lead", () => {
  const { cork, rows } = stage();
  const board_id = cork("add_board", { name: "Plain" })["board_id"] ?? null;
  assert.deepEqual(rows("list_lanes", { board_id }).map((row) => row["name"]), ["To do", "Doing", "Done"]);
  assert.equal(cork("get_board", { board_id })["role"], "lead");
});

Deno.test("edit_board(), archive_board() and remove_board() do need a lead", () => {
  const { cork, by, world, board_id, editor, add } = stage();
  const id = add("One");
  assert.equal(status(() => by(editor, "edit_board", { board_id, name: "Mine" })), 403);
  assert.equal(status(() => by(editor, "archive_board", { board_id, on: true })), 403);
  assert.equal(status(() => by(editor, "remove_board", { board_id })), 403);
  assert.equal(status(() => cork("edit_board", { board_id })), 422);
  cork("edit_board", { board_id, about: "Everything" });
  assert.equal(cork("get_board", { board_id })["about"], "Everything");
  cork("remove_board", { board_id });
  assert.equal(world.get(card, id), undefined);
  assert.equal(world.get(board, board_id), undefined);
  assert.equal(world.rowsWhere(boardMember, "board_id", board_id).length, 0);
});

Deno.test("archive_board() does stop changes but not reading", () => {
  const { cork, rows, board_id, open1, add } = stage();
  add("One");
  cork("archive_board", { board_id, on: true });
  assert.equal(rows("list_cards", { board_id }).length, 1);
  assert.equal(status(() => cork("add_card", { board_id, lane_id: open1, title: "Two" })), 409);
  assert.equal(status(() => cork("archive_board", { board_id, on: true })), 409);
  cork("archive_board", { board_id, on: false });
  assert.equal(add("Two") > 0, true);
});

Deno.test("copy_board() does copy lanes and tags, and open cards when asked, without people", () => {
  const { cork, rows, world, board_id, add, editor } = stage();
  const tag_id = cork("add_tag", { board_id, name: "urgent" })["tag_id"] ?? null;
  const open = add("Open one", { assignee: editor.email });
  cork("tag_card", { card_id: open, tag_id });
  cork("add_step", { card_id: open, text: "first" });
  cork("finish_card", { card_id: add("Done one") });
  const bare = Number(cork("copy_board", { board_id, name: "Bare" })["board_id"]);
  assert.equal(world.rowsWhere(card, "board_id", bare).length, 0);
  assert.equal(world.rowsWhere(tag, "board_id", bare).length, 1);
  const full = Number(cork("copy_board", { board_id, name: "Full", with_cards: true })["board_id"]);
  const [copied, ...others] = rows("list_cards", { board_id: full });
  assert.equal(others.length, 0);
  assert.deepEqual([copied?.["title"], copied?.["assignee"], copied?.["lane"]], ["Open one", null, "Open"]);
  assert.deepEqual(cork("get_card", { card_id: copied?.["card_id"] ?? null })["tags"], ["urgent"]);
  assert.equal(world.rowsWhere(boardMember, "board_id", full).length, 1);
});

Deno.test("list_board_members() does show people with roles to those on the board", () => {
  const { rows, by, board_id, outsider, viewer } = stage();
  assert.deepEqual(rows("list_board_members", { board_id }).map((row) => row["role"]), ["lead", "editor", "viewer"]);
  assert.equal((by(viewer, "list_board_members", { board_id }) as unknown as Row[]).length, 3);
  assert.equal(status(() => by(outsider, "list_board_members", { board_id })), 403);
});

Deno.test("set_role() does tell the member and never leaves a board without a lead", () => {
  const { cork, by, world, board_id, lead, editor } = stage();
  assert.equal(status(() => cork("set_role", { board_id, email: lead.email, role: "editor" })), 409);
  assert.equal(status(() => by(editor, "set_role", { board_id, email: editor.email, role: "lead" })), 403);
  assert.equal(status(() => cork("set_role", { board_id, email: editor.email, role: "editor" })), 409);
  cork("set_role", { board_id, email: editor.email, role: "lead" });
  assert.match(world.rows(corkAlert, editor.email).at(-1)?.text ?? "", /You are lead on Test Board/);
  cork("set_role", { board_id, email: lead.email, role: "viewer" });
  assert.equal(status(() => cork("edit_board", { board_id, name: "X" })), 403);
});

Deno.test("remove_board_member() does free the member's open cards", () => {
  const { cork, by, world, board_id, add, editor, viewer, lead, outsider } = stage();
  const [open, done] = [add("Open", { assignee: editor.email }), add("Done", { assignee: editor.email })];
  cork("finish_card", { card_id: done });
  assert.equal(status(() => by(viewer, "remove_board_member", { board_id, email: editor.email })), 403);
  assert.equal(status(() => cork("remove_board_member", { board_id, email: lead.email })), 409);
  assert.equal(status(() => cork("remove_board_member", { board_id, email: outsider.email })), 404);
  cork("remove_board_member", { board_id, email: editor.email });
  assert.deepEqual([world.get(card, open)?.assignee, world.get(card, done)?.assignee], [null, editor.email]);
  by(viewer, "remove_board_member", { board_id, email: viewer.email });
  assert.equal(world.rowsWhere(boardMember, "board_id", board_id).length, 1);
});

Deno.test("invite_member() does send a letter with the code, which no list shows", () => {
  const { cork, by, world, board_id, outsider, codeOf } = stage();
  cork("invite_member", { board_id, email: outsider.email });
  const code = codeOf(outsider.email);
  assert.match(world.rows(letter).at(-1)?.body ?? "", new RegExp(code));
  const shown = by(outsider, "list_invites", { state: "open", size: 20 }) as unknown as Row[];
  assert.ok(shown.some((row) => row["board_id"] === board_id));
  assert.ok(!JSON.stringify(shown).includes(code));
  assert.equal(world.rows(corkAlert, outsider.email).at(-1)?.kind, "invite");
});

Deno.test("invite_member() does refuse members, strangers, oneself, a second invite and people who do not lead", () => {
  const { cork, by, board_id, lead, editor, outsider } = stage();
  assert.equal(status(() => cork("invite_member", { board_id, email: editor.email })), 409);
  assert.equal(status(() => cork("invite_member", { board_id, email: "no@body.test" })), 404);
  assert.equal(status(() => cork("invite_member", { board_id, email: lead.email })), 422);
  assert.equal(status(() => by(editor, "invite_member", { board_id, email: outsider.email })), 403);
  cork("invite_member", { board_id, email: outsider.email });
  assert.equal(status(() => cork("invite_member", { board_id, email: outsider.email })), 409);
});

Deno.test("accept_invite() and refuse_invite() do answer an own open invite once", () => {
  const { cork, by, board_id, editor, outsider, codeOf, rows } = stage();
  const invite_id = cork("invite_member", { board_id, email: outsider.email, role: "viewer" })["invite_id"] ?? null;
  const code = codeOf(outsider.email);
  assert.equal(status(() => by(editor, "accept_invite", { code })), 403);
  assert.equal(status(() => by(outsider, "accept_invite", { code: "WRONG" })), 404);
  assert.equal(status(() => by(editor, "refuse_invite", { invite_id })), 403);
  by(outsider, "refuse_invite", { invite_id });
  assert.equal(status(() => by(outsider, "accept_invite", { code })), 409);
  const sent = rows("list_invites", { direction: "out", state: "refused", size: 20 });
  assert.ok(sent.some((row) => row["invite_id"] === invite_id));
});

Deno.test("lanes do keep positions from 1 without gaps", () => {
  const { cork, rows, board_id, open1, busy, add } = stage();
  const third = Number(cork("add_lane", { board_id, name: "Late" })["lane_id"]);
  cork("move_lane", { lane_id: third, position: 1 });
  const order = () => rows("list_lanes", { board_id }).map((row) => [row["name"], row["position"]]);
  assert.deepEqual(order(), [["Late", 1], ["Open", 2], ["Busy", 3]]);
  cork("remove_lane", { lane_id: open1 });
  assert.deepEqual(order(), [["Late", 1], ["Busy", 2]]);
  cork("edit_lane", { lane_id: busy, name: "At work" });
  assert.equal(status(() => cork("edit_lane", { lane_id: busy, name: "Late" })), 409);
  assert.equal(status(() => cork("add_lane", { board_id, name: "Late" })), 409);
  assert.equal(status(() => cork("move_lane", { lane_id: busy, position: 3 })), 422);
  cork("add_card", { board_id, lane_id: busy, title: "Here" });
  assert.equal(status(() => cork("remove_lane", { lane_id: busy })), 409);
  assert.equal(status(() => cork("remove_lane", { lane_id: open1 })), 404);
  assert.equal(status(() => add("in a lane that is gone")), 404);
});

Deno.test("list_cards() does filter by lane, state and due day, bounds included", () => {
  const { cork, rows, board_id, busy, add } = stage();
  add("None");
  add("Early", { due_on: "2027-03-10" });
  const late = add("Late", { due_on: "2027-03-20" });
  cork("finish_card", { card_id: add("Done", { due_on: "2027-03-15" }) });
  cork("move_card", { card_id: late, lane_id: busy });
  const titles = (args: Row) => rows("list_cards", { board_id, size: 20, ...args }).map((row) => row["title"]);
  assert.deepEqual(titles({}), ["None", "Early", "Late", "Done"]);
  assert.deepEqual(titles({ state: "open", due_to: "2027-03-20" }), ["Early", "Late"]);
  assert.deepEqual(titles({ due_from: "2027-03-11", due_to: "2027-03-19" }), ["Done"]);
  assert.deepEqual(titles({ lane_id: busy }), ["Late"]);
  assert.deepEqual(titles({ state: "done" }), ["Done"]);
  assert.deepEqual(titles({ order: "-due_on" }), ["Late", "Done", "Early", "None"]);
  assert.equal(status(() => cork("list_cards", { board_id, lane_id: 999_999 })), 404);
});

Deno.test("list_my_cards() and find_cards() do look over all boards", () => {
  const { by, board_id, cork, add, editor, outsider } = stage();
  add("Quince jelly", { assignee: editor.email });
  const mine = by(editor, "list_my_cards", { state: "open", order: "-made_at", size: 20 }) as unknown as Row[];
  assert.ok(mine.some((row) => row["title"] === "Quince jelly"));
  const found = by(editor, "find_cards", { q: "quince" }) as unknown as Row[];
  assert.equal(found[0]?.["title"], "Quince jelly");
  assert.ok(found.length > 1, "the others follow");
  const outside = by(outsider, "find_cards", { q: "quince" }) as unknown as Row[];
  assert.ok(outside.every((row) => row["title"] !== "Quince jelly"));
  cork("archive_board", { board_id, on: true });
  const later = by(editor, "list_my_cards", { state: "open", order: "-made_at", size: 20 }) as unknown as Row[];
  assert.ok(later.every((row) => row["title"] !== "Quince jelly"));
});

Deno.test("get_card() does show what lists leave out", () => {
  const { cork, add, by, outsider } = stage();
  const card_id = add("One", { text: "body", weight: 5, due_on: "2027-04-01" });
  const found = cork("get_card", { card_id });
  assert.deepEqual([found["text"], found["weight"], found["lane"], found["done_at"]], ["body", 5, "Open", null]);
  assert.equal(status(() => by(outsider, "get_card", { card_id })), 403);
  assert.equal(status(() => cork("get_card", { card_id: 999_999 })), 404);
});

Deno.test("add_card() does need an editor, a lane of the board and an assignee on it", () => {
  const { cork, by, board_id, open1, viewer, outsider, editor, world } = stage();
  assert.equal(status(() => by(viewer, "add_card", { board_id, lane_id: open1, title: "X" })), 403);
  assert.equal(status(() => cork("add_card", { board_id, lane_id: 1, title: "X" })), 404);
  const args = { board_id, lane_id: open1, title: "X" };
  assert.equal(status(() => cork("add_card", { ...args, assignee: outsider.email })), 409);
  assert.equal(status(() => cork("add_card", { ...args, weight: 0 })), 422);
  by(editor, "add_card", { ...args, assignee: editor.email });
  assert.ok(!world.rows(corkAlert, editor.email).some((row) => row.text.includes(`"X"`)), "nobody tells themselves");
});

Deno.test("edit_card() and set_due() do change a card", () => {
  const { cork, world, add, by, viewer } = stage();
  const card_id = add("One", { due_on: "2027-04-01" });
  cork("edit_card", { card_id, title: "Two", weight: 8 });
  cork("set_due", { card_id, due_on: "2027-05-01" });
  assert.deepEqual([world.get(card, card_id)?.title, world.get(card, card_id)?.due_on], ["Two", "2027-05-01"]);
  cork("set_due", { card_id });
  assert.equal(world.get(card, card_id)?.due_on, null);
  assert.equal(status(() => cork("edit_card", { card_id })), 422);
  assert.equal(status(() => cork("set_due", { card_id, due_on: "2027-02-30" })), 422);
  assert.equal(status(() => by(viewer, "set_due", { card_id })), 403);
});

Deno.test("move_card() does keep to the board's lanes", () => {
  const { cork, world, add, open1, busy } = stage();
  const card_id = add("One");
  cork("move_card", { card_id, lane_id: busy });
  assert.equal(world.get(card, card_id)?.lane_id, busy);
  assert.equal(status(() => cork("move_card", { card_id, lane_id: busy })), 409);
  assert.equal(status(() => cork("move_card", { card_id, lane_id: 1 })), 404);
  cork("move_card", { card_id, lane_id: open1 });
  assert.equal(world.rowsWhere(card, "lane_id", busy).length, 0);
});

Deno.test("finish_card() and reopen_card() do work once each", () => {
  const { cork, world, add, open1 } = stage();
  const card_id = add("One");
  assert.equal(status(() => cork("reopen_card", { card_id })), 409);
  cork("finish_card", { card_id });
  assert.deepEqual([world.get(card, card_id)?.done_at, world.get(card, card_id)?.lane_id], [world.at, open1]);
  assert.equal(status(() => cork("finish_card", { card_id })), 409);
  cork("reopen_card", { card_id });
  assert.equal(world.get(card, card_id)?.done_at, null);
});

Deno.test("assign_card() does tell the new assignee, and unassign_card() nobody", () => {
  const { cork, world, add, editor, outsider } = stage();
  const card_id = add("One");
  assert.equal(status(() => cork("unassign_card", { card_id })), 409);
  cork("assign_card", { card_id, email: editor.email });
  const alert = world.rows(corkAlert, editor.email).at(-1);
  assert.deepEqual([alert?.kind, alert?.card_id], ["assigned", card_id]);
  assert.equal(status(() => cork("assign_card", { card_id, email: editor.email })), 409);
  assert.equal(status(() => cork("assign_card", { card_id, email: outsider.email })), 409);
  const before = world.rows(corkAlert).length;
  cork("unassign_card", { card_id });
  assert.equal(world.get(card, card_id)?.assignee, null);
  assert.equal(world.rows(corkAlert).length, before);
});

Deno.test("remove_card() does remove what hangs on it", () => {
  const { cork, world, add, by, viewer } = stage();
  const card_id = add("One");
  cork("add_step", { card_id, text: "first" });
  cork("add_remark", { card_id, text: "hm" });
  assert.equal(status(() => by(viewer, "remove_card", { card_id })), 403);
  cork("remove_card", { card_id });
  assert.equal(world.rowsWhere(step, "card_id", card_id).length, 0);
  assert.equal(status(() => cork("list_remarks", { card_id })), 404);
});

Deno.test("steps do stay in order and are ticked once", () => {
  const { cork, rows, add, by, viewer } = stage();
  const card_id = add("One");
  const [first, second] = ["first", "second"].map((text) => cork("add_step", { card_id, text })["step_id"] ?? null);
  cork("tick_step", { step_id: first ?? null });
  assert.equal(status(() => cork("tick_step", { step_id: first ?? null })), 409);
  cork("tick_step", { step_id: first ?? null, on: false });
  cork("edit_step", { step_id: second ?? null, text: "last" });
  assert.deepEqual(rows("list_steps", { card_id }).map((row) => [row["text"], row["done"]]), [["first", false], [
    "last",
    false,
  ]]);
  assert.equal(status(() => by(viewer, "tick_step", { step_id: first ?? null })), 403);
  cork("remove_step", { step_id: first ?? null });
  assert.equal(status(() => cork("remove_step", { step_id: first ?? null })), 404);
  assert.equal(rows("list_steps", { card_id }).length, 1);
});

Deno.test("tags do have one name per board and go from cards when they go", () => {
  const { cork, rows, board_id, add, by, viewer } = stage();
  const card_id = add("One");
  const tag_id = cork("add_tag", { board_id, name: "urgent", colour: "red" })["tag_id"] ?? null;
  assert.equal(status(() => cork("add_tag", { board_id, name: "urgent" })), 409);
  cork("tag_card", { card_id, tag_id });
  assert.equal(status(() => cork("tag_card", { card_id, tag_id })), 409);
  assert.equal(status(() => cork("tag_card", { card_id, tag_id: 1 })), 404);
  cork("edit_tag", { tag_id, name: "soon" });
  assert.deepEqual(cork("get_card", { card_id })["tags"], ["soon"]);
  assert.equal(status(() => cork("edit_tag", { tag_id })), 422);
  cork("untag_card", { card_id, tag_id });
  assert.equal(status(() => cork("untag_card", { card_id, tag_id })), 409);
  cork("tag_card", { card_id, tag_id });
  assert.equal(status(() => by(viewer, "remove_tag", { tag_id })), 403);
  cork("remove_tag", { tag_id });
  assert.deepEqual(cork("get_card", { card_id })["tags"], []);
  assert.deepEqual(rows("list_tags", { board_id }), []);
});

Deno.test("remarks do come from anybody on the board, and change only by their author", () => {
  const { cork, rows, by, world, add, viewer, editor, outsider } = stage();
  const card_id = add("One", { assignee: editor.email });
  const remark_id = by(viewer, "add_remark", { card_id, text: "Why?" })["remark_id"] ?? null;
  assert.match(world.rows(corkAlert, editor.email).at(-1)?.text ?? "", /on "One": Why\?/);
  assert.equal(status(() => by(outsider, "add_remark", { card_id, text: "Hi" })), 403);
  assert.equal(status(() => cork("edit_remark", { remark_id, text: "No" })), 403);
  by(viewer, "edit_remark", { remark_id, text: "Why not?" });
  assert.deepEqual(rows("list_remarks", { card_id }).map((row) => row["text"]), ["Why not?"]);
  assert.equal(status(() => by(editor, "remove_remark", { remark_id })), 403);
  cork("remove_remark", { remark_id });
  assert.equal(status(() => cork("remove_remark", { remark_id })), 404);
});

Deno.test("pin_file() does copy a file of stowbox, and save_pinned_file() brings it back", () => {
  const { cork, me, add, by, viewer, as } = stage();
  const card_id = add("One");
  me("stowbox", "write_file", { path: "/plan-x.txt", text: "first" });
  const pin_id = cork("pin_file", { card_id, path: "/plan-x.txt" })["pin_id"] ?? null;
  me("stowbox", "write_file", { path: "/plan-x.txt", text: "second", replace: true });
  assert.equal(status(() => cork("pin_file", { card_id, path: "/plan-x.txt" })), 409);
  assert.equal(status(() => cork("pin_file", { card_id, path: "/none.txt" })), 404);
  by(viewer, "save_pinned_file", { pin_id, folder: "/from/board" });
  assert.equal((as(viewer)("stowbox", "read_file", { path: "/from/board/plan-x.txt" }) as Row)["text"], "first");
  assert.equal(status(() => by(viewer, "save_pinned_file", { pin_id, folder: "/from/board" })), 409);
  by(viewer, "save_pinned_file", { pin_id, folder: "/from/board", replace: true });
  assert.equal(status(() => by(viewer, "unpin_file", { pin_id })), 403);
  cork("unpin_file", { pin_id });
  assert.deepEqual(cork("get_card", { card_id })["pinned"], []);
});

Deno.test("pin_file() does need a token of stowbox", () => {
  const { call, cork, world, lead, add, session } = stage();
  const card_id = add("One");
  const token = session.issueToken("corkline", lead.email);
  assert.equal(call("corkline", "pin_file", { token, card_id, path: "/x.txt" }).status, 401);
  assert.ok(cork("get_card", { card_id }) !== undefined && world.get(card, card_id) !== undefined);
});

Deno.test("alerts do belong to one member and are cleared by that member", () => {
  const { by, world, add, lead, editor, cork } = stage();
  add("One", { assignee: editor.email });
  const [newest] = by(editor, "list_alerts", { seen: false }) as unknown as Row[];
  const alert_id = newest?.["alert_id"] ?? null;
  assert.equal(newest?.["kind"], "assigned");
  assert.equal(status(() => cork("mark_alert_seen", { alert_id })), 403);
  by(editor, "mark_alert_seen", { alert_id });
  assert.equal(status(() => by(editor, "mark_alert_seen", { alert_id })), 409);
  const others = world.rows(corkAlert, lead.email).length;
  by(editor, "clear_alerts");
  assert.equal(world.rows(corkAlert, editor.email).length, 0);
  assert.equal(world.rows(corkAlert, lead.email).length, others);
});

Deno.test("viewers and outsiders do not get to change lanes or cards", () => {
  const { by, board_id, open1, busy, add, viewer, outsider, world } = stage();
  const card_id = add("One");
  const tries: readonly (readonly [string, Row])[] = [
    ["add_lane", { board_id, name: "Z" }],
    ["edit_lane", { lane_id: open1, name: "Z" }],
    ["move_lane", { lane_id: open1, position: 2 }],
    ["remove_lane", { lane_id: busy }],
    ["edit_card", { card_id, title: "Z" }],
    ["move_card", { card_id, lane_id: busy }],
    ["finish_card", { card_id }],
    ["assign_card", { card_id, email: viewer.email }],
    ["add_step", { card_id, text: "Z" }],
    ["add_tag", { board_id, name: "Z" }],
  ];
  for (const [api, args] of tries) {
    for (const person of [viewer, outsider]) assert.equal(status(() => by(person, api, args)), 403, api);
  }
  assert.equal(world.rowsWhere(lane, "board_id", board_id).length, 2);
});
