/**
 * Texts that are sent to a phone, by a member or by an app on its own (codes). Not an API.
 *
 * @module
 */
import { conflict } from "../../errors.ts";
import type { World } from "../../world.ts";
import { blockedNumber, handsetMember, textCopy } from "../handset/tables.ts";

/** Number that apps send texts from. */
export const APP_NUMBER = "800-555-0100";

/**
 * Sends a text: a copy for the sender, where it is a member, and one for the receiver.
 *
 * @returns id of the sender's copy; 0 where the sender is no member.
 * @throws {AgentError} 409 if the receiver has blocked the number.
 */
export function sendText(world: World, fromNumber: string, toNumber: string, text: string): number {
  const [receiver] = world.rowsWhere(handsetMember, "number", toNumber);
  if (receiver !== undefined && world.rows(blockedNumber, receiver.owner).some((row) => row.number === fromNumber)) {
    throw conflict(`text ${toNumber}`, "you are blocked there");
  }
  const rest = { text, at: world.at, hidden: false };
  const [sender] = world.rowsWhere(handsetMember, "number", fromNumber);
  const id = sender === undefined
    ? 0
    : world.insert(textCopy, { owner: sender.owner, number: toNumber, direction: "out", seen: true, ...rest }).id;
  if (receiver !== undefined) {
    world.insert(textCopy, { owner: receiver.owner, number: fromNumber, direction: "in", seen: false, ...rest });
  }
  return id;
}
