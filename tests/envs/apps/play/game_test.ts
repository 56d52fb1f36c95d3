import assert from "node:assert/strict";
import { PlayGame } from "../../../../envs/apps/play/game.ts";
import { environment, solutionOf, taskAt } from "../server/_kit.ts";

const one = taskAt(0);

async function withGame(use: (game: PlayGame, say: (line: string) => Promise<string>) => Promise<void>): Promise<void> {
  const game = new PlayGame(environment, one.id);
  try {
    await use(game, async (line) => (await game.line(line)).text);
  } finally {
    game.close();
  }
}

Deno.test("intro() says who asks, when, and what for", async () => {
  await withGame((game) => {
    const { user, at } = environment.prepared(one.id);
    const text = game.intro();
    for (const part of [one.id, user.name, user.email, at, one.instruction]) assert.ok(text.includes(part), part);
    return Promise.resolve();
  });
});

Deno.test("a call needs a token until the app is signed in to, in JavaScript too", async () => {
  await withGame(async (_, say) => {
    assert.match(await say("handset.list_contacts page=0"), /^401 {2}Sign-in needed for handset/);
    assert.match(await say("login handset"), /^Signed in to handset;/);
    assert.match(await say("handset.list_contacts page=0"), /^\[\n {2}\{/);
    assert.match(await say("handset.list_contacts({page: 9999})"), /^\[\]$/);
    assert.match(await say("js print(apis.handset.list_contacts({page: 9999}))"), /^\[\]$/);
    assert.match(await say("logout handset"), /forgotten/);
    assert.match(await say("handset.list_contacts"), /^401/);
    assert.match(await say("login handse"), /There is no login for handse; there are .*handset/);
  });
});

Deno.test("a token that is given by hand is left as it is", async () => {
  await withGame(async (_, say) => {
    await say("login handset");
    assert.match(await say("handset.list_contacts token=wrong"), /^401/);
  });
});

Deno.test("js reads a block up to end, and its variables live on", async () => {
  await withGame(async (game, say) => {
    await say("js");
    assert.equal(game.prompt, "js> ");
    assert.equal(await say("let n = 20;"), "");
    assert.equal(await say("print(n + 1);"), "");
    assert.equal(await say("end"), "21");
    assert.equal(game.prompt, "> ");
    assert.equal(await say("js print(n * 2)"), "40");
    assert.match(await say("js nothing()"), /^Execution failed/);
  });
});

Deno.test("docs show the apps, an app and an API; search finds APIs", async () => {
  await withGame(async (_, say) => {
    assert.match(await say("docs"), /^handset +\d+ APIs {2}/m);
    assert.match(await say("docs handset"), /^handset: .*\n\n(.*\n)*log_in\(/);
    assert.match(await say("docs handset.add_alarm"), /^POST handset\.add_alarm\n(.*\n)* {2}time +required/);
    assert.match(await say("docs nothing.here"), /There is no documentation of nothing\.here/);
    assert.match(await say("search send text"), /^handset\.send_text\(/);
  });
});

Deno.test("what is no command comes back as text that says what to write", async () => {
  await withGame(async (_, say) => {
    assert.equal(await say(""), "");
    assert.match(await say("finsh"), /There is no command finsh; did you mean finish\./);
    assert.match(await say("handset"), /handset is an app: docs handset lists its APIs/);
    assert.match(
      await say("handset.now("),
      /^Cannot read the call: the bracket is never closed; write app\.api key=value/,
    );
    assert.match(await say("handset.nothing"), /^404/);
    assert.match(await say("help finish"), /^finish \[answer\] {2}end the task/);
  });
});

Deno.test("history lists calls with their statuses", async () => {
  await withGame(async (_, say) => {
    assert.equal(await say("history"), "No calls yet.");
    await say("guide.list_apps");
    await say("handset.now");
    assert.equal(await say("history"), "  1  200  guide.list_apps {}\n  2  401  handset.now {}");
  });
});

Deno.test("a long result is cut, and more shows the rest", async () => {
  await withGame(async (_, say) => {
    assert.equal(await say("more"), "There is no more.");
    const text = await say("js for (let i = 0; i < 45; i++) print(i)");
    assert.match(text, /\n39\n… 5 more lines; type more to see the rest$/);
    assert.equal(await say("more"), "40\n41\n42\n43\n44");
    assert.equal(await say("more"), "There is no more.");
  });
});

Deno.test("finish ends the task with the answer, and quit without one", async () => {
  const answers: unknown[] = [];
  for (const line of ["finish", "finish 12", "finish null", 'finish "12"', "finish two words", "finish [1]"]) {
    await withGame(async (game) => {
      assert.equal((await game.line(line)).done, true);
      assert.match((await game.line("task")).text, /over/);
      answers.push(game.evaluation().tests.some(({ trace = "" }) => trace.includes("never called")));
    });
  }
  assert.deepEqual(answers, [false, false, false, false, false, false]);
  await withGame(async (game) => {
    assert.equal((await game.line("quit")).done, true);
    assert.ok(game.evaluation().tests.some(({ trace = "" }) => trace.includes("never called")));
  });
});

Deno.test("a task that is solved by hand is scored as such", async () => {
  await withGame(async (game, say) => {
    assert.equal(game.evaluation().success, false);
    await say("js");
    for (const line of (await solutionOf(one)).split("\n")) await say(line);
    const { done } = await game.line("end");
    assert.deepEqual([done, game.evaluation().success], [true, true]);
    assert.deepEqual(game.transcript.at(-1)?.input, "end");
  });
});
