import assert from "node:assert/strict";
import {
  episode,
  heart,
  larkMember,
  mix,
  mixEntry,
  performer,
  player,
  rating,
  record,
  shelfItem,
  show,
  track,
} from "../../../../envs/apps/apps/larkbox/tables.ts";
import { login } from "../../../../envs/apps/apps/principal/tables.ts";
import { WORLD_NOW } from "../../../../envs/apps/generate.ts";
import { TITLE_PATTERNS } from "../../../../envs/apps/pools/larkbox.ts";
import { fillTemplate } from "../../../../envs/apps/world/context.ts";
import { baseWorld, repeated } from "../_kit.ts";

const base = baseWorld("mid");
const world = base.open(WORLD_NOW);
const members = world.rows(larkMember);
const catalogue: Readonly<Record<string, number>> = {
  track: world.rows(track).length,
  record: world.rows(record).length,
  show: world.rows(show).length,
  performer: world.rows(performer).length,
  mix: world.rows(mix).length,
};

Deno.test("writeLarkbox() gives titles and names once each", () => {
  const titles = [...world.rows(track).map(({ title }) => title), ...world.rows(record).map(({ title }) => title)];
  assert.deepEqual(repeated(titles), []);
  assert.deepEqual(repeated(world.rows(performer).map(({ name }) => name)), []);
  assert.deepEqual(repeated(world.rows(show).map(({ title }) => title)), []);
  assert.deepEqual(repeated(world.rows(episode).map((row) => `${row.show_id} ${row.title}`)), []);
});

Deno.test("writeLarkbox() fills every slot of 500 title patterns", () => {
  assert.equal(new Set(TITLE_PATTERNS).size, 500);
  const slots = { adj: 1, adj2: 1, noun: 1, noun2: 1, noun3: 1, place: 1, time: 1, name: 1, number: 1 };
  for (const pattern of TITLE_PATTERNS) assert.doesNotMatch(fillTemplate(pattern, slots), /[{}]/);
});

Deno.test("writeLarkbox() releases and airs nothing after now, and numbers tracks and episodes from 1", () => {
  const today = WORLD_NOW.slice(0, 10);
  for (const row of world.rows(record)) {
    assert.ok(row.released_on <= today);
    const numbers = world.rowsWhere(track, "record_id", row.id).map(({ number }) => number);
    assert.deepEqual(numbers, numbers.map((_, i) => i + 1));
  }
  for (const row of world.rows(show)) {
    const found = world.rowsWhere(episode, "show_id", row.id);
    assert.ok(found.every(({ aired_on }) => aired_on <= today));
    assert.deepEqual(found.map(({ number }) => number), found.map((_, i) => i + 1));
    assert.deepEqual(found.map(({ aired_on }) => aired_on), found.map(({ aired_on }) => aired_on).sort());
  }
  for (const row of world.rows(track)) assert.equal(row.performer_id, world.get(record, row.record_id)?.performer_id);
});

Deno.test("writeLarkbox() gives every person an account whose password the profile keeps", () => {
  assert.equal(members.length, base.people.filter(({ hasAccounts }) => hasAccounts).length);
  for (const { owner, password } of members) {
    const stored = world.rows(login, owner).find((row) => row.app === "larkbox");
    assert.equal(stored?.password, password);
  }
});

Deno.test("writeLarkbox() lets everybody have a thing on the shelf, hearted and rated once, and only what exists", () => {
  for (const { owner } of members) {
    for (const rows of [world.rows(shelfItem, owner), world.rows(heart, owner), world.rows(rating, owner)]) {
      assert.deepEqual(repeated(rows.map((row) => `${row.target_kind} ${row.target_id}`)), []);
      for (const row of rows) {
        assert.ok(row.target_id >= 1 && row.target_id <= (catalogue[row.target_kind] ?? 0));
      }
    }
    for (const row of world.rows(heart, owner).filter(({ target_kind }) => target_kind === "mix")) {
      const followed = world.get(mix, row.target_id);
      assert.ok(followed?.open === true && followed.owner !== owner);
    }
  }
});

Deno.test("writeLarkbox() lets only paid plans keep things offline", () => {
  for (const { owner, plan, plan_until } of members) {
    assert.equal(plan === "free", plan_until === null);
    if (plan === "free") assert.ok(world.rows(shelfItem, owner).every(({ offline }) => !offline));
  }
});

Deno.test("writeLarkbox() numbers the entries of a mix from 1 and gives its owner no title twice", () => {
  for (const { id } of world.rows(mix)) {
    const positions = world.rowsWhere(mixEntry, "mix_id", id).map(({ position }) => position);
    assert.ok(positions.length >= 4);
    assert.deepEqual(positions, positions.map((_, i) => i + 1));
  }
  for (const { owner } of members) assert.deepEqual(repeated(world.rows(mix, owner).map(({ title }) => title)), []);
});

Deno.test("writeLarkbox() gives people followed performers without a hearted track, and others with one", () => {
  let [loved, unloved] = [0, 0];
  for (const { owner } of members) {
    const hearts = world.rows(heart, owner);
    const performers = new Set(
      hearts.filter((row) => row.target_kind === "track").map((row) => world.get(track, row.target_id)?.performer_id),
    );
    for (const row of hearts.filter(({ target_kind }) => target_kind === "performer")) {
      if (performers.has(row.target_id)) loved++;
      else unloved++;
    }
  }
  assert.ok(loved > members.length && unloved > members.length);
});

Deno.test("writeLarkbox() lets players stand at a place of their queue", () => {
  for (const { queue, index } of world.rows(player)) {
    assert.ok(Array.isArray(queue) && index >= 0 && index < queue.length);
  }
});
