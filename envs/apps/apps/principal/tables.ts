/**
 * What the profile of the user keeps: sign-in data, addresses and bank cards.
 *
 * @module
 */
import { table } from "../../schema.ts";

/** Sign-in data by app. */
export const login = table("principal.login", { owner: "text", app: "text", user: "text", password: "text" }, {
  ownedBy: ["owner"],
});

/** Addresses. */
export const address = table("principal.address", { owner: "text", label: "text", street: "text", town: "text" }, {
  ownedBy: ["owner"],
});

/** Bank cards, as printed on them. */
export const card = table("principal.card", {
  owner: "text",
  name: "text",
  number: "text",
  expires: "text",
  check_code: "text",
}, { ownedBy: ["owner"] });

/** All of them. */
export const PRINCIPAL_TABLES = [login, address, card] as const;
