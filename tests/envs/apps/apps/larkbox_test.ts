import assert from "node:assert/strict";
import { larkbox } from "../../../../envs/apps/apps/larkbox/mod.ts";
import {
  heart,
  larkMember,
  mix,
  mixEntry,
  player,
  rating,
  record,
  shelfItem,
  show,
  track,
} from "../../../../envs/apps/apps/larkbox/tables.ts";
import { bankCard } from "../../../../envs/apps/apps/registry/tables.ts";
import { file } from "../../../../envs/apps/apps/stowbox/tables.ts";
import { letter } from "../../../../envs/apps/apps/quillpost/tables.ts";
import { textCopy } from "../../../../envs/apps/apps/handset/tables.ts";
import { appCalls, type Args, type Row } from "../_app_kit.ts";
import { openApps } from "../_kit.ts";

/** A fresh world, calls to larkbox that check shapes of results, and refusals. */
function open() {
  const apps = openApps("mid");
  const { one: lark, rows, all, refused } = appCalls(apps.me, larkbox);
  const mine = apps.world.rows(mix, apps.user.email)[0];
  const foreign = (isOpen: boolean) =>
    apps.world.rows(mix).find((row) => row.owner !== apps.user.email && row.open === isOpen);
  const openMix = foreign(true);
  const closedMix = foreign(false);
  assert.ok(mine !== undefined && openMix !== undefined && closedMix !== undefined);
  return { ...apps, lark, rows, all, refused, mine, openMix, closedMix, owner: apps.user.email };
}

/** Ids of the catalogue that the user has nothing to do with. */
function unshelved(apps: ReturnType<typeof open>, kind: string, ids: readonly { readonly id: number }[]): number {
  const shelved = new Set(
    apps.world.rows(shelfItem, apps.owner).filter((row) => row.target_kind === kind).map((row) => row.target_id),
  );
  const found = ids.find(({ id }) => !shelved.has(id));
  assert.ok(found !== undefined);
  return found.id;
}

Deno.test("larkbox has 77 APIs with different names, and lists that can be paged, searched and ordered", () => {
  assert.equal(larkbox.apis.length, 77);
  assert.equal(new Set(larkbox.apis.map(({ name }) => name)).size, 77);
  const lists = larkbox.apis.filter(({ list }) => list !== undefined);
  assert.ok(lists.length >= 22);
  assert.ok(lists.filter(({ list }) => (list?.orders.length ?? 0) > 0).length >= 16);
});

Deno.test("lists of larkbox show ids and titles or names only", () => {
  const apps = open();
  const [anyRecord] = apps.world.rows(record);
  const [anyShow] = apps.world.rows(show);
  assert.ok(anyRecord !== undefined && anyShow !== undefined);
  const cases: readonly (readonly [string, Args])[] = [
    ["find_tracks", {}],
    ["find_records", {}],
    ["find_performers", {}],
    ["find_shows", {}],
    ["list_record_tracks", { record_id: anyRecord.id }],
    ["list_performer_records", { performer_id: anyRecord.performer_id }],
    ["list_performer_tracks", { performer_id: anyRecord.performer_id }],
    ["list_episodes", { show_id: anyShow.id }],
    ["list_my_mixes", {}],
    ["find_open_mixes", {}],
    ["list_hearted_tracks", {}],
    ["list_followed_performers", {}],
    ["list_shelf_tracks", {}],
    ["list_shelf_records", {}],
    ["list_shelf_shows", {}],
  ];
  for (const [api, args] of cases) {
    const shown = apps.rows(api, args);
    assert.ok(shown.length > 0, api);
    assert.ok(shown.length <= 5, api);
    for (const row of shown) assert.equal(Object.keys(row).length, 2, api);
  }
});

Deno.test("find_tracks() ranks by words and keeps the others, and orders all tracks by a field", () => {
  const apps = open();
  const wanted = apps.world.rows(track)[17];
  assert.ok(wanted !== undefined);
  const [first] = apps.rows("find_tracks", { q: wanted.title });
  assert.equal(first?.["track_id"], wanted.id);
  assert.equal(apps.all("find_tracks", { q: wanted.title }).length, apps.world.rows(track).length);
  const longest = Math.max(...apps.world.rows(track).map(({ seconds }) => seconds));
  const [longestShown] = apps.rows("find_tracks", { order: "-seconds", size: 1 });
  assert.equal(apps.lark("get_track", { track_id: longestShown?.["track_id"] ?? 0 })["seconds"], longest);
  const performerId = wanted.performer_id;
  const own = apps.all("find_tracks", { performer_id: performerId }).map((row) => row["track_id"]);
  assert.deepEqual(
    own,
    apps.world.rows(track).filter((row) => row.performer_id === performerId).map(({ id }) => id),
  );
  assert.deepEqual(apps.all("list_performer_tracks", { performer_id: performerId }).map((row) => row["track_id"]), own);
});

Deno.test("details of the catalogue name record, performer, show, length and the own heart", () => {
  const apps = open();
  const [item] = apps.world.rows(track);
  assert.ok(item !== undefined);
  const shown = apps.lark("get_track", { track_id: item.id });
  assert.equal(shown["seconds"], item.seconds);
  assert.equal(shown["plays"], item.plays);
  const inRecord = apps.lark("get_record", { record_id: item.record_id });
  assert.equal(shown["record"], inRecord["title"]);
  assert.equal(shown["performer"], apps.lark("get_performer", { performer_id: item.performer_id })["name"]);
  const [anyShow] = apps.world.rows(show);
  const [newest] = apps.rows("list_episodes", { show_id: anyShow?.id ?? 0 });
  const [oldest] = apps.rows("list_episodes", { show_id: anyShow?.id ?? 0, order: "+aired_on" });
  const newestDay = apps.lark("get_episode", { episode_id: newest?.["episode_id"] ?? 0 })["aired_on"];
  const oldestDay = apps.lark("get_episode", { episode_id: oldest?.["episode_id"] ?? 0 })["aired_on"];
  assert.ok(String(newestDay) > String(oldestDay));
  assert.equal(apps.lark("get_show", { show_id: anyShow?.id ?? 0 })["title"], anyShow?.title);
  for (
    const [api, field] of [
      ["get_track", "track_id"],
      ["get_record", "record_id"],
      ["get_performer", "performer_id"],
      ["get_show", "show_id"],
      ["get_episode", "episode_id"],
      ["list_record_tracks", "record_id"],
      ["list_performer_records", "performer_id"],
      ["list_performer_tracks", "performer_id"],
      ["list_episodes", "show_id"],
    ] as const
  ) apps.refused(404, /No \w+ with id 999999/, api, { [field]: 999999 });
});

Deno.test("find_records() keeps a genre and a span of release days; find_shows() a topic; list_genres() all genres", () => {
  const apps = open();
  const [item] = apps.world.rows(record);
  assert.ok(item !== undefined);
  const day = item.released_on;
  const kept = apps.all("find_records", { genre: item.genre, released_from: day, released_until: day });
  assert.ok(kept.some((row) => row["record_id"] === item.id));
  for (const row of kept) {
    const detail = apps.lark("get_record", { record_id: row["record_id"] ?? 0 });
    assert.deepEqual([detail["genre"], detail["released_on"]], [item.genre, day]);
  }
  const topic = apps.world.rows(show)[0]?.topic ?? "";
  const count = apps.world.rows(show).filter((row) => row.topic === topic).length;
  assert.equal(apps.all("find_shows", { topic }).length, count);
  const genres = apps.all("list_genres").map((row) => row["genre"]);
  assert.deepEqual(genres, [...new Set(apps.world.rows(record).map(({ genre }) => genre))].sort());
  const newest = apps.all("list_performer_records", { performer_id: item.performer_id })
    .map((row) => String(apps.lark("get_record", { record_id: row["record_id"] ?? 0 })["released_on"]));
  assert.deepEqual(newest, [...newest].sort().reverse());
});

Deno.test("mixes can be made, changed, filled, reordered and removed by their owner", () => {
  const apps = open();
  const id = Number(apps.lark("add_mix", { title: "Quiet Tests", about: "hm" })["mix_id"]);
  apps.refused(409, /you have a mix named Quiet Tests/, "add_mix", { title: "Quiet Tests" });
  assert.equal(apps.rows("list_my_mixes")[0]?.["mix_id"], id);
  const [a, b, c] = apps.world.rows(track);
  const entries = [a, b, c].map((item) =>
    Number(apps.lark("add_to_mix", { mix_id: id, track_id: item?.id ?? 0 })["entry_id"])
  );
  const order = () => apps.all("list_mix_entries", { mix_id: id }).map((row) => row["track_id"]);
  apps.lark("move_in_mix", { mix_id: id, entry_id: entries[2] ?? 0, position: 1 });
  assert.deepEqual(order(), [c?.id, a?.id, b?.id]);
  apps.refused(422, /3 entries/, "move_in_mix", { mix_id: id, entry_id: entries[0] ?? 0, position: 4 });
  apps.lark("remove_from_mix", { mix_id: id, entry_id: entries[2] ?? 0 });
  assert.deepEqual(order(), [a?.id, b?.id]);
  assert.deepEqual(apps.world.rowsWhere(mixEntry, "mix_id", id).map(({ position }) => position), [1, 2]);
  apps.refused(404, /No mix entry/, "remove_from_mix", { mix_id: apps.mine.id, entry_id: entries[0] ?? 0 });
  apps.lark("edit_mix", { mix_id: id, title: "Loud Tests", open: true });
  const shown = apps.lark("get_mix", { mix_id: id });
  assert.deepEqual([shown["title"], shown["open"], shown["about"]], ["Loud Tests", true, "hm"]);
  apps.refused(409, /you have a mix named/, "edit_mix", { mix_id: id, title: apps.mine.title });
  apps.refused(422, /nothing to change/, "edit_mix", { mix_id: id });
  apps.refused(404, /No track/, "add_to_mix", { mix_id: id, track_id: 999999 });
  apps.lark("remove_mix", { mix_id: id });
  assert.equal(apps.world.rowsWhere(mixEntry, "mix_id", id).length, 0);
  apps.refused(404, /No mix with id/, "get_mix", { mix_id: id });
});

Deno.test("other people's mixes can be read, copied and followed when open, and never changed", () => {
  const apps = open();
  const mixId = apps.openMix.id;
  const tracks = apps.all("list_mix_entries", { mix_id: mixId }).map((row) => row["track_id"]);
  const copyId = Number(apps.lark("copy_mix", { mix_id: mixId, title: "My own copy" })["mix_id"]);
  assert.deepEqual(apps.all("list_mix_entries", { mix_id: copyId }).map((row) => row["track_id"]), tracks);
  assert.equal(apps.lark("get_mix", { mix_id: copyId })["open"], false);
  apps.refused(409, /you have a mix named/, "copy_mix", { mix_id: mixId, title: "My own copy" });
  const free = apps.all("find_open_mixes").find((row) =>
    apps.lark("get_mix", { mix_id: row["mix_id"] ?? 0 })["followed"] === false
  );
  const freeId = Number(free?.["mix_id"]);
  apps.lark("follow_mix", { mix_id: freeId });
  assert.equal(apps.lark("get_mix", { mix_id: freeId })["followed"], true);
  apps.refused(409, /you follow it already/, "follow_mix", { mix_id: freeId });
  apps.lark("unfollow_mix", { mix_id: freeId });
  apps.refused(409, /do not follow it/, "unfollow_mix", { mix_id: freeId });
  apps.refused(409, /it is your own/, "follow_mix", { mix_id: apps.mine.id });
  for (const api of ["get_mix", "list_mix_entries", "follow_mix"]) {
    apps.refused(403, /not yours to read/, api, { mix_id: apps.closedMix.id });
  }
  apps.refused(403, /not yours/, "copy_mix", { mix_id: apps.closedMix.id, title: "Stolen" });
  apps.refused(403, /not yours to change/, "edit_mix", { mix_id: mixId, title: "Mine" });
  apps.refused(403, /not yours to remove/, "remove_mix", { mix_id: mixId });
  apps.refused(403, /not yours to change/, "add_to_mix", { mix_id: mixId, track_id: 1 });
  apps.refused(403, /not yours to change/, "move_in_mix", { mix_id: mixId, entry_id: 1, position: 1 });
  assert.ok(apps.all("find_open_mixes").every((row) => apps.world.get(mix, Number(row["mix_id"]))?.open === true));
});

Deno.test("hearts and follows are given once and taken back once", () => {
  const apps = open();
  const has = (kind: string, id: number) =>
    apps.world.rows(heart, apps.owner).some((row) => row.target_kind === kind && row.target_id === id);
  const trackId = apps.world.rows(track).find(({ id }) => !has("track", id))?.id ?? 0;
  const recordId = apps.world.rows(record).find(({ id }) => !has("record", id))?.id ?? 0;
  const followed = apps.all("list_followed_performers").map((row) => row["performer_id"]);
  const performerId = apps.all("find_performers").map((row) => Number(row["performer_id"]))
    .find((id) => !followed.includes(id)) ?? 0;
  for (
    const [give, take, args, flag, detail] of [
      ["heart_track", "unheart_track", { track_id: trackId }, "hearted", "get_track"],
      ["heart_record", "unheart_record", { record_id: recordId }, "hearted", "get_record"],
      ["follow_performer", "unfollow_performer", { performer_id: performerId }, "followed", "get_performer"],
    ] as const
  ) {
    assert.equal(apps.lark(detail, args)[flag], false, give);
    apps.lark(give, args);
    assert.equal(apps.lark(detail, args)[flag], true, give);
    apps.refused(409, /already/, give, args);
    apps.lark(take, args);
    assert.equal(apps.lark(detail, args)[flag], false, take);
    apps.refused(409, /nothing to take back/, take, args);
    const [field = ""] = Object.keys(args);
    apps.refused(404, /No \w+ with id 999999/, give, { [field]: 999999 });
  }
  apps.lark("heart_track", { track_id: trackId });
  assert.equal(apps.rows("list_hearted_tracks")[0]?.["track_id"], trackId);
  apps.lark("follow_performer", { performer_id: performerId });
  assert.equal(apps.rows("list_followed_performers")[0]?.["performer_id"], performerId);
});

Deno.test("ratings are one a thing, with stars that only the detail shows", () => {
  const apps = open();
  const rated = new Set(
    apps.world.rows(rating, apps.owner).filter((row) => row.target_kind === "track").map((row) => row.target_id),
  );
  const target = { target_kind: "track", target_id: apps.world.rows(track).find(({ id }) => !rated.has(id))?.id ?? 0 };
  apps.refused(404, /No rating of the track/, "get_my_rating", target);
  const id = Number(apps.lark("add_rating", { ...target, stars: 3 })["rating_id"]);
  apps.refused(409, /rated it already/, "add_rating", { ...target, stars: 4 });
  apps.refused(422, /stars/, "add_rating", { ...target, stars: 6 });
  apps.lark("edit_rating", { rating_id: id, stars: 5, text: "Better." });
  apps.refused(409, /like that already/, "edit_rating", { rating_id: id, stars: 5 });
  const shown = apps.lark("get_my_rating", target);
  assert.deepEqual([shown["stars"], shown["text"]], [5, "Better."]);
  apps.refused(422, /nothing to change/, "edit_rating", { rating_id: id });
  const [first] = apps.rows("list_ratings");
  assert.equal(first?.["rating_id"], id);
  assert.ok(!Object.hasOwn(first, "stars"));
  assert.ok(apps.all("list_ratings", { target_kind: "show" }).every((row) => row["target_kind"] === "show"));
  const foreign = apps.world.rows(rating).find((row) => row.owner !== apps.owner)?.id ?? 0;
  apps.refused(403, /not yours to change/, "edit_rating", { rating_id: foreign, stars: 1 });
  apps.refused(403, /not yours to remove/, "remove_rating", { rating_id: foreign });
  apps.lark("remove_rating", { rating_id: id });
  apps.refused(404, /No rating/, "remove_rating", { rating_id: id });
});

Deno.test("the shelf takes a thing once, and saves it offline only on a paid plan that runs", () => {
  const apps = open();
  const account = apps.world.rows(larkMember, apps.owner)[0];
  assert.ok(account !== undefined);
  for (
    const [kind, list, ids, field] of [
      ["track", "list_shelf_tracks", apps.world.rows(track), "track_id"],
      ["record", "list_shelf_records", apps.world.rows(record), "record_id"],
      ["show", "list_shelf_shows", apps.world.rows(show), "show_id"],
    ] as const
  ) {
    const target = { target_kind: kind, target_id: unshelved(apps, kind, ids) };
    apps.refused(409, /not on your shelf/, "remove_from_shelf", target);
    apps.refused(409, /not on your shelf/, "save_offline", target);
    apps.lark("add_to_shelf", target);
    apps.refused(409, /on your shelf already/, "add_to_shelf", target);
    assert.equal(apps.rows(list)[0]?.[field], target.target_id);
    apps.world.update(larkMember, account.id, { plan: "free", plan_until: null });
    apps.refused(409, /no offline listening/, "save_offline", target);
    apps.world.update(larkMember, account.id, { plan: "home", plan_until: "2027-03-14" });
    apps.refused(409, /no offline listening/, "save_offline", target);
    apps.world.update(larkMember, account.id, { plan: "home", plan_until: "2027-03-15" });
    apps.lark("save_offline", target);
    apps.refused(409, /offline already/, "save_offline", target);
    assert.equal(apps.rows("list_offline", { target_kind: kind })[0]?.["target_id"], target.target_id);
    apps.lark("drop_offline", target);
    apps.refused(409, /it is not offline/, "drop_offline", target);
    apps.lark("remove_from_shelf", target);
    apps.refused(404, /No \w+ with id 999999/, "add_to_shelf", { ...target, target_id: 999999 });
  }
});

Deno.test("save_offline() stops at the number of things that the plan allows", () => {
  const apps = open();
  const account = apps.world.rows(larkMember, apps.owner)[0];
  assert.ok(account !== undefined);
  apps.world.update(larkMember, account.id, { plan: "solo", plan_until: "2027-12-31" });
  for (const { id } of apps.world.rows(track).slice(0, 120)) {
    if (apps.world.rows(shelfItem, apps.owner).some((row) => row.target_kind === "track" && row.target_id === id)) {
      continue;
    }
    apps.world.insert(shelfItem, { owner: apps.owner, target_kind: "track", target_id: id, offline: false });
  }
  const waiting = apps.world.rows(shelfItem, apps.owner).filter((row) => !row.offline && row.target_kind === "track");
  const offline = apps.world.rows(shelfItem, apps.owner).filter((row) => row.offline).length;
  for (const row of waiting.slice(0, 60 - offline)) {
    apps.lark("save_offline", { target_kind: "track", target_id: row.target_id });
  }
  const next = waiting[60 - offline]?.target_id ?? 0;
  apps.refused(409, /no more than 60 things/, "save_offline", { target_kind: "track", target_id: next });
});

Deno.test("the player keeps a queue of tracks and episodes in order", () => {
  const apps = open();
  const queue = () => apps.all("list_queue").map((row) => `${row["kind"]} ${row["id"]}`);
  if (queue().length > 0) apps.lark("clear_queue");
  apps.refused(409, /it is empty/, "clear_queue");
  apps.refused(409, /queue is empty/, "skip_next");
  apps.refused(409, /queue is empty/, "play");
  apps.lark("add_to_queue", { target_kind: "track", target_id: 3 });
  apps.lark("add_to_queue", { target_kind: "episode", target_id: 2 });
  apps.lark("add_to_queue", { target_kind: "track", target_id: 5, next: true });
  assert.deepEqual(queue(), ["track 3", "track 5", "episode 2"]);
  apps.lark("remove_from_queue", { place: 1 });
  assert.deepEqual(queue(), ["track 3", "episode 2"]);
  apps.refused(422, /2 places/, "remove_from_queue", { place: 2 });
  const recordId = apps.world.get(track, 1)?.record_id ?? 0;
  apps.lark("add_to_queue", { target_kind: "record", target_id: recordId });
  const tracks = apps.all("list_record_tracks", { record_id: recordId }).map((row) => `track ${row["track_id"]}`);
  assert.deepEqual(queue(), ["track 3", "episode 2", ...tracks]);
  apps.lark("play", { target_kind: "mix", target_id: apps.mine.id });
  const inMix = apps.all("list_mix_entries", { mix_id: apps.mine.id }).map((row) => `track ${row["track_id"]}`);
  assert.deepEqual(queue(), inMix);
  apps.refused(404, /No episode/, "add_to_queue", { target_kind: "episode", target_id: 999999 });
  apps.refused(403, /not yours/, "add_to_queue", { target_kind: "mix", target_id: apps.closedMix.id });
});

Deno.test("the player plays, pauses, skips, seeks and keeps its settings", () => {
  const apps = open();
  apps.lark("play", { target_kind: "mix", target_id: apps.mine.id });
  const last = apps.all("list_queue").length - 1;
  apps.lark("set_repeat", { repeat: "off" });
  apps.lark("skip_next");
  assert.equal(apps.lark("get_player")["place"], 1);
  apps.lark("skip_back");
  apps.lark("skip_back");
  assert.equal(apps.lark("get_player")["place"], 0);
  apps.lark("pause");
  apps.refused(409, /nothing plays/, "pause");
  apps.lark("play");
  apps.refused(409, /plays already/, "play");
  apps.lark("play", { place: last });
  apps.refused(409, /last place/, "skip_next");
  apps.lark("set_repeat", { repeat: "all" });
  apps.lark("skip_next");
  assert.equal(apps.lark("get_player")["place"], 0);
  apps.lark("seek", { second: 30 });
  assert.equal(apps.lark("get_player")["second"], 30);
  apps.refused(422, /seconds long/, "seek", { second: 99_999 });
  apps.refused(422, /places/, "play", { place: last + 1 });
  apps.refused(422, /go together/, "play", { target_kind: "track" });
  apps.lark("set_volume", { volume: 15 });
  apps.lark("set_shuffle", { on: true });
  const now = apps.lark("get_player");
  assert.deepEqual([now["volume"], now["shuffle"], now["repeat"]], [15, true, "all"]);
  apps.refused(422, /volume/, "set_volume", { volume: 101 });
  apps.lark("clear_queue");
  const empty = apps.lark("get_player");
  assert.deepEqual([empty["state"], empty["place"], empty["title"]], ["stopped", null, null]);
});

Deno.test("a member without a player row is shown a stopped one, and gets the row with the first change", () => {
  const apps = open();
  for (const row of apps.world.rows(player, apps.owner)) apps.world.remove(player, row.id);
  assert.equal(apps.lark("get_player")["state"], "stopped");
  assert.equal(apps.world.rows(player, apps.owner).length, 0);
  apps.lark("set_volume", { volume: 10 });
  assert.equal(apps.world.rows(player, apps.owner)[0]?.volume, 10);
});

Deno.test("buy_plan() debits the card, sends a receipt and prolongs a plan that runs", () => {
  const apps = open();
  const account = apps.world.rows(larkMember, apps.owner)[0];
  const card = apps.world.rows(bankCard, apps.owner).find(({ expires }) => expires > "2027-04");
  assert.ok(account !== undefined && card !== undefined);
  apps.world.update(bankCard, card.id, { balance: 10_000 });
  apps.world.update(larkMember, account.id, { plan: "free", plan_until: null, renews: false });
  const pay = { card_number: card.number, expires: card.expires, check_code: card.check_code };
  assert.equal(apps.lark("buy_plan", { plan: "solo", months: 3, ...pay })["until"], "2027-06-15");
  assert.equal(apps.world.get(bankCard, card.id)?.balance, 10_000 - 3 * 790);
  const receipt = apps.world.rows(letter).at(-1);
  assert.deepEqual(receipt?.to, [apps.owner]);
  assert.match(receipt.body, /Total: 23\.70/);
  assert.equal(apps.lark("buy_plan", { plan: "solo", ...pay })["until"], "2027-07-15");
  apps.refused(409, /the plan solo still runs/, "buy_plan", { plan: "duo", ...pay });
  apps.refused(402, /wrong check code/, "buy_plan", { plan: "solo", ...pay, check_code: "no" });
  apps.refused(402, /balance too low/, "buy_plan", { plan: "solo", months: 12, ...pay });
  apps.refused(402, /no such card/, "buy_plan", { plan: "solo", ...pay, card_number: "1" });
  apps.refused(402, /card expired/, "buy_plan", { plan: "solo", ...pay, expires: "2027-01" });
  assert.deepEqual(apps.lark("get_plan"), { plan: "solo", until: "2027-07-15", renews: true, running: true });
  apps.lark("stop_plan");
  assert.equal(apps.lark("get_plan")["renews"], false);
  apps.refused(409, /stopped already/, "stop_plan");
  apps.world.update(larkMember, account.id, { plan: "free", plan_until: null });
  apps.refused(409, /no paid plan/, "stop_plan");
  assert.deepEqual(apps.rows("list_plans", { order: "-price" }).map((row) => row["plan"]), [
    "home",
    "duo",
    "solo",
    "free",
  ]);
});

Deno.test("buy_plan() of the last day of a month ends on the last day of a shorter one", () => {
  const apps = open();
  const account = apps.world.rows(larkMember, apps.owner)[0];
  const card = apps.world.rows(bankCard, apps.owner).find(({ expires }) => expires > "2027-04");
  assert.ok(account !== undefined && card !== undefined);
  apps.world.update(bankCard, card.id, { balance: 10_000 });
  apps.world.update(larkMember, account.id, { plan: "solo", plan_until: "2027-08-31" });
  const pay = { card_number: card.number, expires: card.expires, check_code: card.check_code };
  assert.equal(apps.lark("buy_plan", { plan: "solo", months: 6, ...pay })["until"], "2028-02-29");
});

Deno.test("export_mix() saves the track list as a file, and replaces one only if told to", () => {
  const apps = open();
  const { path } = apps.lark("export_mix", { mix_id: apps.mine.id }) as { path: string };
  const saved = apps.world.rows(file, apps.owner).find((row) => `${row.folder}/${row.name}` === path);
  assert.ok(saved !== undefined);
  const entries = apps.all("list_mix_entries", { mix_id: apps.mine.id });
  const [title, first, ...rest] = saved.text.split("\n");
  assert.equal(title, `Mix: ${apps.mine.title}`);
  assert.ok(first?.startsWith(`1. ${entries[0]?.["title"]} - `));
  assert.equal(rest.length, entries.length - 1);
  apps.refused(409, /path exists/, "export_mix", { mix_id: apps.mine.id, path });
  apps.lark("export_mix", { mix_id: apps.openMix.id, path, replace: true });
  assert.match(apps.world.get(file, saved.id)?.text ?? "", new RegExp(`^Mix: ${apps.openMix.title}`));
  apps.refused(403, /not yours/, "export_mix", { mix_id: apps.closedMix.id });
});

Deno.test("a password is reset with the newest code of the text, once", () => {
  const apps = open();
  apps.call("larkbox", "ask_reset_code", { user: apps.owner });
  const old = /code is (\d+)/.exec(apps.world.rows(textCopy, apps.owner).at(-1)?.text ?? "")?.[1] ?? "";
  apps.call("larkbox", "ask_reset_code", { user: apps.owner });
  const code = /code is (\d+)/.exec(apps.world.rows(textCopy, apps.owner).at(-1)?.text ?? "")?.[1] ?? "";
  const reset = (used: string) =>
    apps.call("larkbox", "reset_password", { user: apps.owner, code: used, new_password: "fresh" });
  assert.equal(reset(old).status, 409);
  assert.equal(reset(code).status, 200);
  assert.equal(reset(code).status, 409);
  assert.equal(apps.call("larkbox", "log_in", { user: apps.owner, password: "fresh" }).status, 200);
});

Deno.test("a registered account opens with its code, on the free plan, and can be closed", () => {
  const apps = open();
  const user = "new.comer@pine.test";
  const account = { name: "New Comer", email: user, number: apps.user.number, password: "first" };
  assert.equal(apps.call("larkbox", "register", account).status, 200);
  assert.equal(apps.call("larkbox", "log_in", { user, password: "first" }).status, 401);
  const code = /code is (\d+)/.exec(apps.world.rows(textCopy, apps.owner).at(-1)?.text ?? "")?.[1] ?? "";
  assert.equal(apps.call("larkbox", "confirm_address", { user, code }).status, 200);
  const { token } = apps.call("larkbox", "log_in", { user, password: "first" }).body as { token: string };
  assert.equal((apps.call("larkbox", "get_plan", { token }).body as Row)["plan"], "free");
  assert.equal(apps.call("larkbox", "list_my_mixes", { token: "other" }).status, 401);
  assert.equal(apps.call("larkbox", "close_account", { token, password: "first" }).status, 200);
  assert.equal(apps.call("larkbox", "log_in", { user, password: "first" }).status, 401);
});
