/**
 * The commands of the prompt.
 *
 * @module
 */

/** A command. */
export interface PlayCommand {
  readonly name: string;
  readonly usage: string;
  readonly about: string;
}

/** All commands, in the order of the help. */
export const COMMANDS: readonly PlayCommand[] = [
  {
    name: "call",
    usage: "app.api key=value …",
    about: 'call an API; also app.api({key: value}); texts with spaces in "quotes"',
  },
  {
    name: "login",
    usage: "login [app]",
    about: "sign in with the stored password; its calls then get the token by themselves",
  },
  { name: "logout", usage: "logout [app]", about: "forget a token" },
  { name: "docs", usage: "docs [app[.api]]", about: "documentation: the apps, an app's APIs, one API" },
  { name: "search", usage: "search words", about: "APIs that have to do with the words" },
  { name: "js", usage: "js [code]", about: "run JavaScript; without code, write lines until one with end" },
  { name: "more", usage: "more", about: "the rest of a result that was cut" },
  { name: "task", usage: "task", about: "who asks for what, again" },
  { name: "history", usage: "history", about: "calls made so far, with their statuses" },
  { name: "finish", usage: "finish [answer]", about: "end the task, with the answer if a question was asked" },
  { name: "quit", usage: "quit", about: "leave without finishing the task" },
  { name: "help", usage: "help [command]", about: "this list" },
];
