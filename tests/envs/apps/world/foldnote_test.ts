import assert from "node:assert/strict";
import {
  checkItem,
  foldnoteMember,
  keyword,
  keywordLink,
  note,
  notebook,
  noteShare,
  revision,
} from "../../../../envs/apps/apps/foldnote/tables.ts";
import { WORLD_NOW } from "../../../../envs/apps/generate.ts";
import * as pools from "../../../../envs/apps/pools/foldnote.ts";
import type { Table } from "../../../../envs/apps/schema.ts";
import { baseWorld } from "../_kit.ts";

const world = baseWorld("mid").open(WORLD_NOW);

Deno.test("writeFoldnote() gives every principal notes, checklists, notebooks and keywords", () => {
  for (const { owner } of world.rows(foldnoteMember)) {
    for (const spec of [note, checkItem, notebook, keyword] as readonly Table[]) {
      assert.ok(world.rows(spec, owner).length >= 3, `${owner} has too few ${spec.name}`);
    }
  }
});

Deno.test("writeFoldnote() numbers the items of each note from 1", () => {
  for (const { id } of world.rows(note)) {
    const positions = world.rowsWhere(checkItem, "note_id", id).map(({ position }) => position);
    assert.deepEqual(positions, positions.map((_, i) => i + 1));
  }
});

Deno.test("writeFoldnote() keeps what belongs to a note with the note's owner", () => {
  for (const spec of [checkItem, keywordLink, revision, noteShare] as readonly Table[]) {
    for (const row of world.rows(spec)) {
      assert.equal(world.get(note, Number(row["note_id"]))?.owner, row["owner"], spec.name);
    }
  }
  for (const { notebook_id, owner } of world.rows(note)) {
    if (notebook_id !== null) assert.equal(world.get(notebook, notebook_id)?.owner, owner);
  }
  for (const { keyword_id, owner } of world.rows(keywordLink)) {
    assert.equal(world.get(keyword, keyword_id)?.owner, owner);
  }
});

Deno.test("writeFoldnote() saves revisions between the making of a note and its last change", () => {
  for (const { note_id, saved_at, body } of world.rows(revision)) {
    const now = world.get(note, note_id);
    assert.ok(now !== undefined && saved_at > now.made_at && saved_at <= now.edited_at);
    assert.ok(now.body.startsWith(body) && now.body !== body);
  }
});

Deno.test("writeFoldnote() shares no note with its owner, nor twice with one person", () => {
  const shares = world.rows(noteShare);
  assert.ok(shares.every(({ owner, email }) => owner !== email));
  assert.equal(new Set(shares.map(({ note_id, email }) => `${note_id} ${email}`)).size, shares.length);
});

Deno.test("pools of notes have at least 120 templates with different titles", () => {
  const templates = [
    ...pools.LISTS,
    ...pools.PLANS,
    ...pools.JOURNALS,
    ...pools.RECIPES,
    ...pools.ODD_NOTES,
    ...pools.CHECKLISTS,
  ];
  assert.ok(templates.length >= 120);
  assert.equal(new Set(templates.map(({ title }) => title)).size, templates.length);
  assert.ok(templates.every(({ lines }) => lines.length > 0 && lines.every((line) => line !== "")));
});
