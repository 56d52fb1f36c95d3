import assert from "node:assert/strict";
import {
  board,
  boardMember,
  card,
  cardRemark,
  cardTag,
  corkAlert,
  lane,
  tag,
} from "../../../../envs/apps/apps/corkline/tables.ts";
import { openApps as open } from "../_kit.ts";

const { world, people } = open("mid");

function onBoard(boardId: number): Set<string> {
  return new Set(world.rowsWhere(boardMember, "board_id", boardId).map(({ email }) => email));
}

Deno.test("writeCorkline() does give each board one lead and lanes from 1 without gaps", () => {
  for (const { id } of world.rows(board)) {
    const members = world.rowsWhere(boardMember, "board_id", id);
    assert.equal(members.filter(({ role }) => role === "lead").length, 1);
    assert.equal(new Set(members.map(({ email }) => email)).size, members.length);
    const positions = world.rowsWhere(lane, "board_id", id).map(({ position }) => position);
    assert.deepEqual(positions, positions.map((_, i) => i + 1));
  }
});

Deno.test("writeCorkline() does put cards into lanes of their board, with positions from 1, for people on it", () => {
  for (const { id } of world.rows(lane)) {
    const positions = world.rowsWhere(card, "lane_id", id).map(({ position }) => position).sort((a, b) => a - b);
    assert.deepEqual(positions, positions.map((_, i) => i + 1));
  }
  for (const row of world.rows(card)) {
    assert.equal(world.get(lane, row.lane_id)?.board_id, row.board_id);
    assert.ok(row.assignee === null || onBoard(row.board_id).has(row.assignee));
    assert.ok(row.made_at <= world.at && (row.done_at === null || row.done_at < world.at));
    assert.ok((world.get(board, row.board_id)?.made_at ?? "9") <= row.made_at);
  }
});

Deno.test("writeCorkline() does tag cards with tags of their board and lets members remark", () => {
  for (const { card_id, tag_id } of world.rows(cardTag)) {
    assert.equal(world.get(tag, tag_id)?.board_id, world.get(card, card_id)?.board_id);
  }
  for (const { card_id, by, at } of world.rows(cardRemark)) {
    const of = world.get(card, card_id);
    assert.ok(of !== undefined && onBoard(of.board_id).has(by) && at >= of.made_at);
  }
});

Deno.test("writeCorkline() does alert people of boards that they are on", () => {
  for (const { owner, board_id, at } of world.rows(corkAlert)) {
    assert.ok(onBoard(board_id).has(owner));
    assert.ok(at < world.at);
  }
});

Deno.test("writeCorkline() does give everybody boards of their own and shared ones", () => {
  const shared = people.filter(({ email }) => {
    const mine = world.rows(boardMember, email);
    assert.ok(mine.length >= 2, email);
    return mine.some(({ board_id }) => onBoard(board_id).size > 1);
  });
  assert.ok(shared.length >= people.length * 0.8);
});
