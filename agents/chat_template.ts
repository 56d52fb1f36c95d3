/**
 * The chat format of a published checkpoint: its Jinja template, cut so that ids are only ever appended.
 *
 * Contract, token-in/token-out:
 * - A prompt is what the template renders for [system, user] with the opened answer.
 * - An observation is the next user message: its ids are what the template puts between an answer and the next opened answer, found
 *   by rendering a conversation with a placeholder in the answer's place. Nothing before it is rendered or tokenized again.
 * - Texts go into the template as they are (it may trim them), except that control tokens in them are plain text there.
 * What follows: an answer stays in the history as it was sampled, where some templates would drop its thoughts or trim it; a turn
 * that ended with another stop token than the template's own keeps that one.
 * A template that cannot be cut so is a {@linkcode ChatTemplateError}: one that changes or repeats an answer's text, never closes an
 * answer, or puts something else between messages in a longer conversation.
 * Choices: no clock (`strftime_now` is undefined; templates then fall back to their own fixed date); no tools; of the special tokens
 * only `bos_token` and `eos_token` are known to a template.
 *
 * @module
 */
import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";
import type { Chat } from "./chat_format.ts";
import type { HfTokenizer } from "./model/hf_tokenizer.ts";

/** Options of {@linkcode templateChat}. */
export interface TemplateChatOptions {
  /** Ids that end an answer, from the checkpoint's configuration; the template's own closing token is added. */
  readonly eosIds: readonly number[];
  /** System message. @default none, or the template's own */
  readonly system?: string;
  /** More variables of the template, e.g. `{ enable_thinking: false }`. @default {{}} */
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** A chat template cannot be rendered, or not be cut into pieces that are only appended. */
export class ChatTemplateError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "ChatTemplateError";
}

interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** A rendered text and the stretches of it where control tokens are plain text. */
interface Rendering {
  readonly text: string;
  readonly plain: readonly Range[];
}

// Private-use characters: no template speaks of them, trims them or changes their case.
const PLACEHOLDERS = { prompt: "\ue0f0p\ue0f1", answer: "\ue0f0a\ue0f1", observation: "\ue0f0o\ue0f1" } as const;
const [GUARD_FIRST, GUARD_LAST] = [0xe100, 0xf8ff];

/** Runs a template; unlike the package's own `Template`, without a clock. */
function run(program: ReturnType<typeof parse>, variables: Readonly<Record<string, unknown>>): string {
  const environment = new Environment();
  const globals: Record<string, unknown> = {
    true: true,
    false: false,
    none: null,
    True: true,
    False: false,
    None: null,
    raise_exception: (message: string) => {
      throw new Error(message);
    },
    range: (first: number, last?: number, step = 1) => {
      const [start, stop] = last === undefined ? [0, first] : [first, last];
      return Array.from({ length: Math.max(0, Math.ceil((stop - start) / step)) }, (_, i) => start + i * step);
    },
  };
  for (const [name, value] of Object.entries({ ...globals, ...variables })) environment.set(name, value);
  return String(new Interpreter(environment).run(program).value);
}

class TemplateChat implements Chat {
  readonly stopIds: readonly number[];
  readonly #tokenizer: HfTokenizer;
  readonly #program: ReturnType<typeof parse>;
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #system: readonly Message[];
  /** Control tokens, longest first. */
  readonly #specials: readonly string[];
  readonly #closingId: number;

  constructor(tokenizer: HfTokenizer, template: string, options: TemplateChatOptions) {
    const { eosIds, system, variables = {} } = options;
    this.#tokenizer = tokenizer;
    this.#specials = Object.keys(tokenizer.specials).sort((a, b) => b.length - a.length);
    const textOf = (id: number | undefined) => this.#specials.find((text) => tokenizer.specials[text] === id);
    this.#variables = {
      bos_token: textOf(tokenizer.bosId) ?? "",
      eos_token: textOf(tokenizer.eosId) ?? "",
      ...variables,
    };
    this.#system = system === undefined ? [] : [{ role: "system", content: system }];
    try {
      this.#program = parse(tokenize(template, { lstrip_blocks: true, trim_blocks: true }));
    } catch (cause) {
      throw new ChatTemplateError(`Cannot use the chat template: ${messageOf(cause)}`, { cause });
    }
    this.#closingId = this.#closing();
    this.stopIds = [...new Set([this.#closingId, ...eosIds])];
  }

  promptIds(prompt: string): number[] {
    const { text, plain } = this.#render([{ role: "user", content: prompt }], true);
    return this.#tokenizer.encodeSpecial(text, { plain });
  }

  idsBefore(prompt: string, end: number): number {
    const [before = ""] = this.#render([{ role: "user", content: PLACEHOLDERS.prompt }], true).text.split(
      PLACEHOLDERS.prompt,
    );
    const { text, plain } = this.#render([{ role: "user", content: prompt }], true);
    // A template may trim the prompt.
    const start = before.length -
      (text.startsWith(prompt, before.length) ? 0 : prompt.length - prompt.trimStart().length);
    return this.#tokenizer.encodeSpecial(text.slice(0, Math.max(before.length, start + end)), { plain }).length;
  }

  turnIds(completion: string): number[] {
    const user: Message = { role: "user", content: PLACEHOLDERS.prompt };
    const opened = this.#render([user], true).text;
    const controls = new Set(Object.values(this.#tokenizer.specials));
    const follows = controls.has(this.#tokenizer.encodeSpecial(opened).at(-1) ?? -1) ? "special" : "text";
    const { text, plain } = this.#render([user, { role: "assistant", content: completion }], false);
    // Where the opened answer already holds more than a finished one shows, the completion follows directly.
    if (!text.startsWith(opened)) {
      const whole = [{ start: 0, end: completion.length }];
      return [...this.#tokenizer.encodeSpecial(completion, { plain: whole, follows }), this.#closingId];
    }
    const ids = this.#encodeAfter(text, opened.length, plain, follows);
    const end = ids.indexOf(this.#closingId);
    return ids.slice(0, end < 0 ? ids.length : end + 1);
  }

  observationIds(observation: string, options: { readonly closed: boolean }): number[] {
    const { text, plain } = this.#render([
      { role: "user", content: PLACEHOLDERS.prompt },
      { role: "assistant", content: PLACEHOLDERS.answer },
      { role: "user", content: observation },
    ], true);
    const ids = this.#encodeAfter(text, after(text, PLACEHOLDERS.answer), plain, "text");
    return options.closed ? ids.slice(ids.indexOf(this.#closingId) + 1) : ids;
  }

  text(ids: readonly number[]): string {
    return this.#tokenizer.decode(ids);
  }

  #encodeAfter(text: string, start: number, plain: readonly Range[], follows: "special" | "text"): number[] {
    const moved = plain.map((range) => ({ start: range.start - start, end: range.end - start }));
    return this.#tokenizer.encodeSpecial(text.slice(start), { plain: moved, follows });
  }

  /** Renders messages after the system message; control tokens in their texts are hidden from the template. */
  #render(messages: readonly Message[], opensAnswer: boolean): Rendering {
    const all = [...this.#system, ...messages];
    const hidden = this.#hide(all.map(({ content }) => content));
    let text: string;
    try {
      text = run(this.#program, {
        ...this.#variables,
        messages: all.map(({ role }, i) => ({ role, content: hidden.texts[i] ?? "" })),
        add_generation_prompt: opensAnswer,
      });
    } catch (cause) {
      const roles = all.map(({ role }) => role).join(", ");
      throw new ChatTemplateError(`Cannot render the chat template for the messages [${roles}]: ${messageOf(cause)}`, {
        cause,
      });
    }
    return hidden.show(text);
  }

  /** Puts a guarded number in the place of every control token of the texts. */
  #hide(texts: readonly string[]): { readonly texts: readonly string[]; show(text: string): Rendering } {
    const found = this.#specials.filter((special) => texts.some((text) => text.includes(special)));
    if (found.length === 0) return { texts, show: (text) => ({ text, plain: [] }) };
    let code = GUARD_FIRST;
    while (code < GUARD_LAST && texts.some((text) => text.includes(String.fromCharCode(code)))) code++;
    const guard = String.fromCharCode(code);
    const hide = (text: string) => {
      const indexed = found.entries().toArray();
      return indexed.reduce((result, [i, special]) => result.replaceAll(special, `${guard}${i}${guard}`), text);
    };
    const show = (text: string): Rendering => {
      const plain: Range[] = [];
      let shown = "";
      text.split(guard).forEach((part, i) => {
        const special = i % 2 === 1 ? found[Number(part)] : undefined;
        if (special !== undefined) plain.push({ start: shown.length, end: shown.length + special.length });
        shown += special ?? part;
      });
      return { text: shown, plain };
    };
    return { texts: texts.map(hide), show };
  }

  /** Id of the token with which the template closes an answer; checks that the template can be cut. */
  #closing(): number {
    const { prompt, answer, observation } = PLACEHOLDERS;
    const first: Message[] = [{ role: "user", content: prompt }, { role: "assistant", content: answer }];
    const next: Message = { role: "user", content: observation };
    const once = this.#render([...first, next], true).text;
    for (const [name, text] of [["first prompt", prompt], ["answer", answer], ["observation", observation]] as const) {
      if (once.split(text).length !== 2) {
        throw new ChatTemplateError(
          `Cannot cut the chat template: the text of the ${name} must appear once, as it is, in what it renders for ` +
            `[user, assistant, user]; got ${JSON.stringify(shown(once))}`,
        );
      }
    }
    const between = once.slice(after(once, answer));
    if (!between.includes(observation)) {
      throw new ChatTemplateError("Cannot cut the chat template: it renders the observation before the answer");
    }
    const again: Message[] = [{ role: "user", content: "?" }, { role: "assistant", content: "!" }, ...first, next];
    const twice = this.#render(again, true).text;
    const later = twice.slice(after(twice, answer));
    if (later !== between) {
      throw new ChatTemplateError(
        "Cannot cut the chat template: what it puts after an answer depends on what came before; " +
          `got ${JSON.stringify(shown(between))} and ${JSON.stringify(shown(later))}`,
      );
    }
    const alone = this.#render(first, false).text;
    const closing = this.#firstSpecial(between.slice(0, between.indexOf(observation)));
    const closingAlone = this.#firstSpecial(alone.slice(after(alone, answer)));
    if (closing === undefined || closing !== closingAlone) {
      throw new ChatTemplateError(
        `Cannot cut the chat template: an answer must be closed by a special token, always the same; after an answer come ` +
          `${closing ?? "none"} before a question and ${closingAlone ?? "none"} at the end`,
      );
    }
    return closing;
  }

  #firstSpecial(text: string): number | undefined {
    const controls = new Set(Object.values(this.#tokenizer.specials));
    return this.#tokenizer.encodeSpecial(text, { follows: "text" }).find((id) => controls.has(id));
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function after(text: string, part: string): number {
  return text.lastIndexOf(part) + part.length;
}

/** A rendered text with placeholders that can be read. */
function shown(text: string): string {
  const names = Object.entries(PLACEHOLDERS);
  return names.reduce((result, [name, placeholder]) => result.replaceAll(placeholder, `{${name}}`), text);
}

/**
 * The chat that a checkpoint was trained on.
 *
 * @example Messages of a checkpoint
 * ```ts
 * import { templateChat } from "whetstone/agents/chat_template.ts";
 * import { loadHfTokenizer } from "whetstone/agents/model/hf_tokenizer.ts";
 * import assert from "node:assert/strict";
 *
 * const tokenizer = await loadHfTokenizer("tests/fixtures/tokenizers/qwen2");
 * const chat = templateChat(tokenizer, { eosIds: [], system: "Be kind." });
 * const [opening] = chat.promptIds("2 + 2?");
 * assert.equal(opening, tokenizer.specials["<|im_start|>"]);
 * assert.deepEqual(chat.stopIds, [tokenizer.specials["<|im_end|>"]]);
 * assert.equal(chat.text(chat.observationIds("4", { closed: true })), "\nuser\n4\nassistant\n");
 * ```
 *
 * @throws {ChatTemplateError} if there is no template, or it cannot be parsed, rendered or cut.
 */
export function templateChat(tokenizer: HfTokenizer, options: TemplateChatOptions): Chat {
  if (tokenizer.chatTemplate === undefined) {
    throw new ChatTemplateError(
      "Cannot make a chat: the tokenizer has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json)",
    );
  }
  return new TemplateChat(tokenizer, tokenizer.chatTemplate, options);
}
