/**
 * A person solving one task by hand: a line in, text out.
 *
 * Contract: pure but for the world of the task: nothing is read or printed here. Lines are commands (`help` lists them), calls
 * (`server/call_text.ts`) and JavaScript. What is wrong with a line comes back as text;
 * only a failure of the environment itself is thrown. The task ends by `finish`,
 * by a call of `principal.finish_task`, or by `quit`, and is scored as it stands then.
 * Choices: after `login`, an app's token is put into every call that lacks it, in JavaScript too. Long results are cut; `more` shows
 * the rest.
 *
 * @module
 */
import type { Json } from "../../../data/canonical.ts";
import { nearestWord } from "../../../data/parse_input.ts";
import { EnvFault, type Evaluation } from "../../contract.ts";
import type { Catalogue } from "../schema.ts";
import { type CallText, CallTextError, parseCallText } from "../server/call_text.ts";
import { type OpenLanguage, ServedWorld, type TaskSource } from "../server/served_world.ts";
import { complete, type Completion } from "./complete.ts";
import { COMMANDS } from "./commands.ts";
import { apiPage, appPage, appsPage } from "./docs_pages.ts";
import { cutText, resultText } from "./result_text.ts";

/** Options of {@linkcode PlayGame}. */
export interface PlayOptions {
  /** Makes sandboxes; by language if left out. */
  readonly openLanguage?: OpenLanguage;
}

/** What came of a line. */
export interface PlayAnswer {
  /** To be shown; ends without a line break, and may be empty. */
  readonly text: string;
  /** The task is over. */
  readonly done: boolean;
}

/** One line and what was shown for it. */
export interface PlayEntry {
  readonly input: string;
  readonly output: string;
}

const BLOCK_END = "end";

/** One task, being solved by a person. */
export class PlayGame {
  readonly #world: ServedWorld;
  readonly #tokens = new Map<string, string>();
  readonly #history: string[] = [];
  readonly #transcript: PlayEntry[] = [];
  #rest = "";
  #block: string[] | undefined;
  #done = false;

  /**
   * Opens the task.
   *
   * @param source the environment.
   * @param taskId task by id.
   * @param options see {@linkcode PlayOptions}.
   * @throws {WorldError} if there is no such task.
   */
  constructor(source: TaskSource, taskId: string, options: PlayOptions = {}) {
    const { openLanguage } = options;
    this.#world = ServedWorld.open(source, taskId, {
      amend: (app, api, args) => this.#withTokens(app, api, args),
      ...(openLanguage === undefined ? {} : { openLanguage }),
    });
  }

  /** Who asks, when, and what for. */
  intro(): string {
    const { supervisor, datetime, instruction, task_id } = this.#world.brief;
    const { first_name, last_name, email, phone_number } = supervisor;
    return [
      `Task         ${task_id}`,
      `User         ${first_name} ${last_name}, ${email}, ${phone_number}`,
      `Time         ${datetime}`,
      `Instruction  ${instruction}`,
    ].join("\n");
  }

  /** What stands before the next line. */
  get prompt(): string {
    return this.#block === undefined ? "> " : "js> ";
  }

  /** All lines so far with what was shown for them. */
  get transcript(): readonly PlayEntry[] {
    return this.#transcript;
  }

  /** Takes a line. */
  async line(input: string): Promise<PlayAnswer> {
    if (this.#done) return { text: "The task is over.", done: true };
    const text = await this.#answer(input);
    this.#done ||= this.#world.completed;
    this.#transcript.push({ input, output: text });
    return { text, done: this.#done };
  }

  /** What Tab may put in place of the end of a line. */
  complete(line: string): Completion {
    return this.#block === undefined ? complete(this.#world.session.catalogue, line) : { words: [], part: "" };
  }

  /** Scores the state as it stands. */
  evaluation(): Evaluation {
    return this.#world.evaluate();
  }

  /** Frees what the task holds. */
  close(): void {
    this.#world.close();
  }

  #answer(input: string): Promise<string> | string {
    if (this.#block !== undefined) {
      if (input.trim() !== BLOCK_END) {
        this.#block.push(input);
        return "";
      }
      const code = this.#block.join("\n");
      this.#block = undefined;
      return this.#javaScript(code);
    }
    const line = input.trim();
    const [, word = "", rest = ""] = /^(\S+)\s*(.*)$/s.exec(line) ?? [];
    switch (word) {
      case "":
        return "";
      case "help":
      case "?":
        return helpText(rest);
      case "task":
        return this.intro();
      case "docs":
        return docsText(this.#world.session.catalogue, rest);
      case "search":
        return this.#search(rest);
      case "login":
        return this.#logIn(rest);
      case "logout":
        return this.#logOut(rest);
      case "js":
        if (rest !== "") return this.#javaScript(rest);
        this.#block = [];
        return `Write JavaScript; a line with ${BLOCK_END} runs it.`;
      case "history":
        return this.#history.map((text, i) => `${String(i + 1).padStart(3)}  ${text}`).join("\n") || "No calls yet.";
      case "more":
        return this.#more();
      case "finish":
        return this.#call({
          app: "principal",
          api: "finish_task",
          args: rest === "" ? {} : { answer: answerOf(rest) },
        });
      case "quit":
      case "exit":
        this.#done = true;
        return "";
    }
    return this.#typedCall(line);
  }

  #typedCall(line: string): string {
    const { catalogue } = this.#world.session;
    const [word = ""] = line.split(/[\s(]/);
    if (!word.includes(".") && !line.startsWith("{")) {
      const nearest = nearestWord(word, [...COMMANDS.map(({ name }) => name), ...catalogue.keys()]);
      const apis = catalogue.has(word)
        ? `${word} is an app: docs ${word} lists its APIs`
        : `There is no command ${word}`;
      return `${apis}${
        nearest === undefined || nearest === word ? "" : `; did you mean ${nearest}`
      }. Type help for all.`;
    }
    try {
      return this.#call(parseCallText(line));
    } catch (error) {
      if (!(error instanceof CallTextError)) throw error;
      return `${error.message}. Type help for the commands.`;
    }
  }

  #call({ app, api, args }: CallText): string {
    const { status, body } = this.#serve(app, api, args);
    this.#history.push(`${status}  ${app}.${api} ${JSON.stringify(args)}`);
    if (status !== 200) return `${status}  ${messageOf(body)}`;
    return this.#shown(resultText(body));
  }

  #serve(app: string, api: string, args: Json) {
    const { session } = this.#world;
    const reply = session.call(app, api, this.#withTokens(app, api, args));
    if (session.fault !== undefined) {
      throw new EnvFault(`${app}.${api} failed: ${String(session.fault)}`, { cause: session.fault });
    }
    return reply;
  }

  #withTokens(app: string, api: string, args: Json): Json {
    const params = this.#world.session.catalogue.get(app)?.apis.find(({ name }) => name === api)?.params;
    if (params === undefined || typeof args !== "object" || args === null || Array.isArray(args)) return args;
    const filled: Record<string, Json | undefined> = { ...args as Readonly<Record<string, Json | undefined>> };
    for (const name of Object.keys(params)) {
      // `token` is the app's own; `stow_token` is that of the app whose name begins so.
      const [prefix] = /^(?:(\w+)_)?token$/.exec(name)?.slice(1) ?? [null];
      if (prefix === null || filled[name] !== undefined) continue;
      const owner = prefix === undefined ? app : [...this.#tokens.keys()].find((other) => other.startsWith(prefix));
      const token = owner === undefined ? undefined : this.#tokens.get(owner);
      if (token !== undefined) filled[name] = token;
    }
    return filled as Json;
  }

  async #javaScript(code: string): Promise<string> {
    const output = await this.#world.execute(code);
    this.#history.push(`js   ${code.split("\n")[0]}${code.includes("\n") ? " …" : ""}`);
    return this.#shown(output);
  }

  #logIn(only: string): string {
    const { body } = this.#serve("principal", "my_logins", {});
    const logins = (Array.isArray(body) ? body : []) as readonly Readonly<Record<string, Json>>[];
    const wanted = logins.filter((login) => only === "" || login["app"] === only);
    if (wanted.length === 0) {
      return `There is no login for ${only}; there are ${logins.map((login) => login["app"]).join(", ")}.`;
    }
    return wanted.map(({ app, user = null, password = null }) => {
      const reply = this.#serve(String(app), "log_in", { user, password });
      const token = (reply.body as { readonly token?: Json } | null)?.token;
      if (reply.status !== 200 || typeof token !== "string") return `${app}: ${reply.status}  ${messageOf(reply.body)}`;
      this.#tokens.set(String(app), token);
      return `Signed in to ${app}; its calls get the token by themselves.`;
    }).join("\n");
  }

  #logOut(only: string): string {
    const apps = only === "" ? [...this.#tokens.keys()] : [only];
    for (const app of apps) this.#tokens.delete(app);
    return apps.length === 0 ? "No token is kept." : `The token of ${apps.join(", ")} is forgotten.`;
  }

  #search(words: string): string {
    if (words === "") return "Say what to search for, such as: search send a text";
    const { status, body } = this.#serve("guide", "search_apis", { q: words, size: 10 });
    return status === 200 && Array.isArray(body) ? body.join("\n") : `${status}  ${messageOf(body)}`;
  }

  #more(): string {
    if (this.#rest === "") return "There is no more.";
    const text = this.#rest;
    this.#rest = "";
    return text;
  }

  #shown(text: string): string {
    const { head, rest, lines } = cutText(text);
    this.#rest = rest;
    return rest === "" ? head : `${head}\n… ${lines} more ${lines === 1 ? "line" : "lines"}; type more to see the rest`;
  }
}

function messageOf(body: Json): string {
  const message = typeof body === "object" && body !== null && !Array.isArray(body)
    ? (body as Readonly<Record<string, Json>>)["message"]
    : undefined;
  return typeof message === "string" ? message : JSON.stringify(body);
}

/** An answer as typed: a number, null, a text in quotes, or any other text as it is. */
function answerOf(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || typeof value === "number" || typeof value === "string") return value;
  } catch {
    // Names and lists need no quotes.
  }
  return text;
}

function helpText(word: string): string {
  const found = COMMANDS.filter(({ name }) => word === "" || name === word);
  if (found.length === 0) return `There is no command ${word}. Type help for all.`;
  const width = Math.max(...found.map(({ usage }) => usage.length));
  return found.map(({ usage, about }) => `${usage.padEnd(width)}  ${about}`).join("\n");
}

function docsText(catalogue: Catalogue, what: string): string {
  const [, app = "", api] = /^(\w*)(?:\.(\w+))?$/.exec(what.replace(/^apis\./, "")) ?? [];
  if (what === "") return appsPage(catalogue);
  return (api === undefined ? appPage(catalogue, app) : apiPage(catalogue, app, api)) ??
    `There is no documentation of ${what}. Type docs for the apps.`;
}
