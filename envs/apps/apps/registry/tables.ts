/**
 * The hidden registry: who lives where, who is what to whom, and the bank. No API shows it and its rows do not count as changes.
 *
 * @module
 */
import { table } from "../../schema.ts";

/** Everybody, with or without accounts. */
export const person = table("registry.person", {
  name: "text",
  email: "text",
  number: "text",
  born_on: "text",
  sex: "text",
  home_id: "integer",
  has_accounts: "flag",
});

/** Homes. */
export const home = table("registry.home", { street: "text", town: "text", kind: "text" });

/** Who lives in which home. */
export const residence = table("registry.residence", { person_id: "integer", home_id: "integer", since: "text" });

/** Relatives: `to` is `kind` of `from`. */
export const kin = table("registry.kin", { from_id: "integer", to_id: "integer", kind: "text" });

/** Friends, one row a pair. */
export const friendship = table("registry.friendship", { a_id: "integer", b_id: "integer" });

/** Employers. */
export const employer = table("registry.employer", { name: "text", trade: "text" });

/** Who works where, and under whom. */
export const employment = table("registry.employment", {
  person_id: "integer",
  employer_id: "integer",
  role: "text",
  manager_id: "optional_integer",
});

/** Bank cards as the bank knows them. */
export const bankCard = table("registry.bank_card", {
  owner: "text",
  number: "text",
  expires: "text",
  check_code: "text",
  balance: "cents",
}, { ownedBy: ["owner"], indexes: ["number"] });

/** Members of clubs, one row a member. */
export const club = table("registry.club", { name: "text", person_id: "integer" });

/** All of them. */
export const REGISTRY_TABLES = [
  person,
  home,
  residence,
  kin,
  friendship,
  employer,
  employment,
  bankCard,
  club,
] as const;
