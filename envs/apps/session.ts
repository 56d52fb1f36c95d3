/**
 * One user's way into a world: calls by name with JSON arguments, sign-in state, and the end of the task.
 *
 * Contract: {@linkcode AppSession.call} never throws; it answers `{status, body}` as a server would. What escapes a handler other
 * than an {@linkcode AgentError} is kept in `fault`, for the caller to raise as the environment's own failure.
 * Choices: arguments are checked in the order names, token, values. Tokens are opaque and depend on the world, the account and the
 * number of sign-ins, not on any clock; they are no rows, so signing in changes nothing.
 *
 * @module
 */
import { contentHash, type Json } from "../../data/canonical.ts";
import { CATALOGUE } from "./catalogue.ts";
import { AgentError, badArgument, notFound, signInNeeded } from "./errors.ts";
import type { Client, Principal } from "./scenario.ts";
import { type Api, type App, type CallSession, type Catalogue, checkArgumentNames, checkArguments } from "./schema.ts";
import type { World } from "./world.ts";

/** Answer of a call. */
export interface Reply {
  readonly status: number;
  readonly body: Json;
}

/** How the agent ended the task. */
export interface Finish {
  readonly answer: null | number | string;
  readonly outcome: string;
}

const BY_NAME = new WeakMap<App, ReadonlyMap<string, Api>>();

/** APIs of an app by name; a list of 77 is too long to search in each call. */
function apisByName(app: App): ReadonlyMap<string, Api> {
  const known = BY_NAME.get(app);
  if (known !== undefined) return known;
  const made = new Map(app.apis.map((api) => [api.name, api]));
  BY_NAME.set(app, made);
  return made;
}

/** A session of one user in one world. */
export class AppSession implements CallSession {
  readonly world: World;
  readonly user: Principal;
  readonly instruction: string;
  readonly catalogue: Catalogue;
  readonly #tokens = new Map<string, { readonly app: string; readonly email: string }>();
  #signIns = 0;
  #finished: Finish | undefined;
  #fault: unknown;

  /**
   * @param world where calls happen.
   * @param user on whose behalf.
   * @param instruction what the task asks.
   * @param catalogue apps that can be called; all if left out.
   */
  constructor(world: World, user: Principal, instruction: string, catalogue: Catalogue = CATALOGUE) {
    this.world = world;
    this.catalogue = catalogue;
    this.user = user;
    this.instruction = instruction;
  }

  /** How the task was ended, if it was. */
  get finished(): Finish | undefined {
    return this.#finished;
  }

  /** First thing that escaped a handler and was not the agent's doing. */
  get fault(): unknown {
    return this.#fault;
  }

  /** Calls an API as an agent does. */
  call(app: string, api: string, args: Json): Reply {
    try {
      return { status: 200, body: this.#invoke(app, api, args, undefined) };
    } catch (error) {
      if (error instanceof AgentError) return { status: error.status, body: { message: error.message } };
      this.#fault ??= error;
      return { status: 500, body: { message: "The app failed." } };
    }
  }

  /** Calls APIs as a member, without signing in; throws what the API refuses. */
  client(member: Pick<Principal, "email">): Client {
    return (app, api, args = {}) => this.#invoke(app, api, args, member.email);
  }

  /** See {@linkcode CallSession.issueToken}. */
  issueToken(app: string, email: string): string {
    const token = contentHash(`${this.world.base.hash}|${this.user.email}|${app}|${email}|${this.#signIns++}`);
    this.#tokens.set(token, { app, email });
    return token;
  }

  /** See {@linkcode CallSession.voidToken}. */
  voidToken(token: string): void {
    this.#tokens.delete(token);
  }

  /** See {@linkcode CallSession.finish}. */
  finish(answer: null | number | string, outcome: string): void {
    this.#finished = { answer, outcome };
  }

  #invoke(app: string, api: string, args: Json, trusted: string | undefined): Json {
    const spec = this.#api(app, api);
    if (args === null || typeof args !== "object" || Array.isArray(args)) {
      throw badArgument(
        "of the call",
        "one object with named arguments is needed",
        Object.keys(spec.params).join(", "),
      );
    }
    const named = args as Readonly<Record<string, Json | undefined>>;
    checkArgumentNames(spec, named);
    const mayAct = spec.auth || spec.files;
    let member = this.user.email;
    if (trusted !== undefined) member = trusted;
    else if (spec.auth) member = this.#member(app, named["token"]);
    const stow = trusted === undefined && spec.files ? this.#member("stowbox", named["stow_token"]) : member;
    const filled = {
      ...(spec.auth ? { token: "trusted" } : {}),
      ...(spec.files ? { stow_token: "trusted" } : {}),
    };
    const given = trusted !== undefined && mayAct ? { ...named, ...filled } : named;
    const call = { world: this.world, member, stow, at: this.world.at, session: this };
    return spec.handler(call, checkArguments(spec, given));
  }

  #api(app: string, api: string): Api {
    const found = this.catalogue.get(app);
    if (found === undefined) throw notFound("app", "name", app);
    const spec = apisByName(found).get(api);
    if (spec === undefined) throw notFound(`API of ${app}`, "name", api);
    return spec;
  }

  #member(app: string, token: Json | undefined): string {
    const account = typeof token === "string" ? this.#tokens.get(token) : undefined;
    if (account === undefined || account.app !== app) throw signInNeeded(app);
    return account.email;
  }
}
