/**
 * Wrong tags taken back: from conversations without anybody of a tie, after a sort rule that tagged too much, or by merging two tags.
 *
 * Hurdles: people who were only addressed, conversations that have the right tag as well, letters from before the rule with no tag.
 *
 * @module
 */
import {
  type Apis,
  bench,
  type BenchDraw,
  cycle,
  phrase,
  type Reject,
  reject,
  type Scenario,
  type SetupContext,
  type Write,
} from "./_kit.ts";
import {
  addTag,
  dispatch,
  emailsOf,
  gotten,
  hasFreshTag,
  hourAgo,
  keptMail,
  type Mail,
  mailCall,
  mailOf,
  mailTies,
  partedBy,
  receive,
  SMALL_LETTERS,
  taggedWith,
} from "./_mail_kit.ts";
import { theTies } from "./_phone.ts";
import { allPages, contactsWith, signIn } from "./_toolbox.ts";

type TiePub = { readonly tie: string; readonly tag: string };
type RulePub = { readonly sender: string; readonly wrong: string; readonly right: string };
type MergePub = { readonly from: string; readonly into: string };

const WRONG = ["urgent", "private", "for taxes", "to print"] as const;
const RIGHT = ["someday", "household", "waiting", "deliveries"] as const;

function byConversation(letters: readonly Mail[]): ReadonlyMap<number, readonly Mail[]> {
  const found = new Map<number, Mail[]>();
  for (const one of letters) found.set(one.conversationId, [...found.get(one.conversationId) ?? [], one]);
  return found;
}

function put(ctx: SetupContext, tagId: number, conversations: readonly number[]): void {
  for (const conversation_id of conversations) mailCall(ctx, "tag_conversation", { conversation_id, tag_id: tagId });
}

function take(tagId: number, conversations: readonly number[]): Write[] {
  return conversations.map((conversation_id) => ({
    app: "quillpost",
    api: "untag_conversation",
    args: { conversation_id, tag_id: tagId },
  }));
}

function give(tagId: number, conversations: readonly number[]): Write[] {
  return conversations.map((conversation_id) => ({
    app: "quillpost",
    api: "tag_conversation",
    args: { conversation_id, tag_id: tagId },
  }));
}

/** Everybody who wrote or got a letter. */
function peopleIn(letters: readonly Mail[]): ReadonlySet<string> {
  return new Set(letters.flatMap(({ from, to }) => [from, ...to]));
}

/** Conversations of the user that lie wholly outside the bin. */
function cleanConversations(ctx: SetupContext): ReadonlyMap<number, readonly Mail[]> {
  return new Map(
    [...byConversation(mailOf(ctx))].filter(([, letters]) => letters.every(({ folder }) => folder !== "bin")),
  );
}

function drawTie(ctx: SetupContext): BenchDraw<TiePub> | Reject {
  const [tie] = mailTies(ctx, 4, 14);
  const tag = cycle(ctx, WRONG);
  if (tie === undefined || !hasFreshTag(ctx, tag)) return reject("no tie, or the tag is there");
  const { inside, outside } = partedBy(ctx, tie);
  const emails = emailsOf(ctx, tie);
  const small = ctx.random.shuffle(SMALL_LETTERS);
  const [subject, body] = small.pop() ?? ["", ""];
  // Somebody of the tie only as receiver, once of the user's own letter and once of somebody else's.
  const own = dispatch(ctx, { to: [inside[0]?.email ?? ""], subject, body, at: hourAgo(ctx, 12) });
  const [first, second] = outside;
  if (first === undefined || second === undefined) return reject("too few people");
  const shared = receive(ctx, {
    from: first.email,
    others: [inside[1]?.email ?? ""],
    subject: small.pop()?.[0] ?? "",
    body: "For all of you.",
    at: hourAgo(ctx, 8),
  });
  const foreign = receive(ctx, {
    from: second.email,
    others: [first.email],
    subject: small.pop()?.[0] ?? "",
    body: "For both of you.",
    at: hourAgo(ctx, 7),
  });
  const all = [...cleanConversations(ctx)];
  const within = all.filter(([, letters]) => [...peopleIn(letters)].some((email) => emails.has(email))).map(([id]) =>
    id
  );
  const without = all.filter(([id]) => !within.includes(id)).map(([id]) => id);
  const planted = new Set([own, shared, foreign].map(({ conversationId }) => conversationId));
  const some = (ids: readonly number[], count: number) =>
    ctx.random.sample(ids.filter((id) => !planted.has(id)), count);
  if (within.length < 10 || without.length < 20) return reject("too few conversations");
  const tagId = addTag(ctx, tag);
  put(ctx, tagId, [...some(within, 8), ...some(without, 14), ...planted]);
  const tagged = taggedWith(ctx, tagId);
  const wrong = all.map(([id]) => id).filter((id) => tagged.has(id) && without.includes(id));
  const who = theTies(tie);
  const instruction = phrase(ctx, [
    `The tag "${tag}" in my mail is only for conversations in which one of ${who} takes part, as sender or receiver of some letter. Take it off all others.`,
    `I was careless with my mail tag "${tag}". Remove it from every conversation that has none of ${who} among the people in it; where one of them wrote or was written to, it stays.`,
    `Please correct the tag "${tag}": it may only be on conversations with at least one of ${who}, whether they sent or got letters there. Untag the rest, but keep the tag itself.`,
  ]);
  return { instruction, pub: { tie, tag }, writes: take(tagId, wrong) };
}

function drawRule(ctx: SetupContext): BenchDraw<RulePub> | Reject {
  const [wrong, right] = [cycle(ctx, WRONG), ctx.random.pick(RIGHT)];
  if (!hasFreshTag(ctx, wrong) || !hasFreshTag(ctx, right)) return reject("a tag is there");
  const counts = new Map<string, number>();
  for (const { from } of gotten(ctx, keptMail(ctx))) counts.set(from, (counts.get(from) ?? 0) + 1);
  const senders = [...counts].filter(([from, count]) => from.startsWith("post@") && count >= 12 && count <= 60)
    .map(([from]) => from).sort();
  const [sender, other] = ctx.random.shuffle(senders);
  if (sender === undefined || other === undefined) return reject("no sender with so many letters");
  const [wrongId, rightId] = [addTag(ctx, wrong), addTag(ctx, right)];
  for (const contains of [sender, other]) {
    mailCall(ctx, "add_rule", { field: "from", contains, action: "tag", value: wrong }, hourAgo(ctx, 30));
  }
  mailCall(ctx, "add_rule", { field: "from", contains: sender, action: "star", value: "" }, hourAgo(ctx, 29));
  const all = [...cleanConversations(ctx)];
  const from = (address: string) =>
    all.filter(([, letters]) => letters.some((one) => one.from === address)).map(([id]) => id);
  const mine = from(sender);
  const tagged = ctx.random.sample(mine, Math.min(mine.length - 2, 14));
  put(ctx, wrongId, [...tagged, ...ctx.random.sample(from(other), 4)]);
  const both = tagged.slice(0, 3);
  put(ctx, rightId, [...both, ...ctx.random.sample(from(other), 2)]);
  const rule = ctx.rows("quillpost.sort_rule", ctx.user.email).find((row) =>
    row["contains"] === sender && row["action"] === "tag" && row["value"] === wrong
  );
  if (rule === undefined || tagged.length < 6) return reject("too few conversations");
  const instruction = phrase(ctx, [
    `A sort rule of mine tags mail from ${sender} with "${wrong}", which was a mistake. Remove that rule and make one that gives the tag "${right}" if the sender contains ${sender}. Then take "${wrong}" off every conversation with letters from ${sender} that has it and put "${right}" on those instead, where it is missing.`,
    `Letters from ${sender} should have got the tag "${right}", not "${wrong}". Replace the rule on this sender that gives "${wrong}" by one that gives "${right}", and change the conversations with letters from there that carry "${wrong}": that tag off, "${right}" on unless it is there already.`,
    `Please undo my tagging of ${sender}: the rule (sender contains ${sender}) that sets "${wrong}" is to be deleted and made anew with "${right}". Conversations with its letters that are tagged "${wrong}" lose that tag and get "${right}", if they lack it. Everything else stays.`,
  ]);
  return {
    instruction,
    pub: { sender, wrong, right },
    writes: [
      { app: "quillpost", api: "remove_rule", args: { rule_id: rule.id } },
      { app: "quillpost", api: "add_rule", args: { field: "from", contains: sender, action: "tag", value: right } },
      ...take(wrongId, tagged),
      ...give(rightId, tagged.filter((id) => !both.includes(id))),
    ],
  };
}

function drawMerge(ctx: SetupContext): BenchDraw<MergePub> | Reject {
  const [from, into] = [cycle(ctx, WRONG), ctx.random.pick(RIGHT)];
  if (!hasFreshTag(ctx, from) || !hasFreshTag(ctx, into)) return reject("a tag is there");
  const [fromId, intoId] = [addTag(ctx, from), addTag(ctx, into)];
  const ids = ctx.random.shuffle([...cleanConversations(ctx).keys()]);
  if (ids.length < 60) return reject("too few conversations");
  put(ctx, fromId, ids.slice(0, 24));
  put(ctx, intoId, ids.slice(19, 42));
  const moved = ids.slice(0, 19);
  const instruction = phrase(ctx, [
    `Merge my mail tag "${from}" into "${into}": every conversation that has the first should have the second, and then the tag "${from}" is to be deleted.`,
    `I have two mail tags for the same thing. Give "${into}" to all conversations tagged "${from}" that lack it, and remove the tag "${from}" altogether.`,
    `Please get rid of the mail tag "${from}" without losing anything: first put "${into}" on each conversation that carries it, then delete it.`,
  ]);
  return {
    instruction,
    pub: { from, into },
    writes: [...give(intoId, moved), { app: "quillpost", api: "remove_tag", args: { tag_id: fromId } }],
  };
}

function solveUntagOthers(apis: Apis, pub: TiePub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const emails = contactsWith(apis, phone, pub.tie).map((x) => x.email);
  const { tag_id } = allPages(apis.quillpost.list_tags, { token }).find((x) => x.name === pub.tag);
  // All of them first: the list grows shorter as tags are taken off.
  for (const { conversation_id } of allPages(apis.quillpost.list_conversations, { token, tag_id })) {
    const { people } = apis.quillpost.get_conversation({ token, conversation_id });
    const meant = people.some((email: string) => emails.includes(email));
    if (!meant) apis.quillpost.untag_conversation({ token, conversation_id, tag_id });
  }
}

function solveUndoRule(apis: Apis, pub: RulePub) {
  const token = signIn(apis, "quillpost");
  const tags = allPages(apis.quillpost.list_tags, { token });
  const wrong = tags.find((x) => x.name === pub.wrong).tag_id;
  const right = tags.find((x) => x.name === pub.right).tag_id;
  const rule = allPages(apis.quillpost.list_rules, { token }).find((x) =>
    x.field === "from" && x.contains === pub.sender && x.action === "tag" && x.value === pub.wrong
  );
  apis.quillpost.remove_rule({ token, rule_id: rule.rule_id });
  apis.quillpost.add_rule({ token, field: "from", contains: pub.sender, action: "tag", value: pub.right });
  const letters = allPages(apis.quillpost.find_letters, { token, from: pub.sender });
  const ids = letters.map((x) => x.conversation_id);
  for (
    const { conversation_id, tags: names } of allPages(apis.quillpost.list_conversations, { token, tag_id: wrong })
  ) {
    if (!ids.includes(conversation_id)) continue;
    apis.quillpost.untag_conversation({ token, conversation_id, tag_id: wrong });
    if (!names.includes(pub.right)) apis.quillpost.tag_conversation({ token, conversation_id, tag_id: right });
  }
}

function solveMergeTags(apis: Apis, pub: MergePub) {
  const token = signIn(apis, "quillpost");
  const tags = allPages(apis.quillpost.list_tags, { token });
  const from = tags.find((x) => x.name === pub.from).tag_id;
  const into = tags.find((x) => x.name === pub.into).tag_id;
  for (const { conversation_id, tags } of allPages(apis.quillpost.list_conversations, { token, tag_id: from })) {
    if (!tags.includes(pub.into)) apis.quillpost.tag_conversation({ token, conversation_id, tag_id: into });
  }
  apis.quillpost.remove_tag({ token, tag_id: from });
}

/** Scenarios of this generator. */
export const tagUndo: readonly Scenario[] = [
  bench<TiePub, Record<string, never>>({
    family: "tag_undo/tie",
    split: "test_challenge",
    difficulty: 2,
    apps: ["handset", "quillpost"],
    axis: {},
    draw: drawTie,
    solve: solveUntagOthers,
  }),
  bench<RulePub, Record<string, never>>({
    family: "tag_undo/rule",
    split: "test_challenge",
    difficulty: 3,
    apps: ["quillpost"],
    axis: {},
    draw: drawRule,
    solve: solveUndoRule,
  }),
  bench<MergePub, Record<string, never>>({
    family: "tag_undo/merge",
    split: "test_challenge",
    difficulty: 2,
    apps: ["quillpost"],
    axis: {},
    draw: drawMerge,
    solve: solveMergeTags,
  }),
];
