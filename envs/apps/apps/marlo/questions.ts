/**
 * Questions about products, and their answers.
 *
 * Choices: only who had a product delivered may answer, once a question, and not the own one; a question that was answered stays.
 *
 * @module
 */
import { conflict, notFound } from "../../errors.ts";
import { flag, rowId, text, withDefault } from "../../params.ts";
import { type Api, api, type Call, list, type RowOf } from "../../schema.ts";
import { ownRow } from "../_common.ts";
import { productOf } from "./_shop.ts";
import { hasProduct } from "./reviews.ts";
import { question } from "./tables.ts";

type Question = RowOf<typeof question.columns>;

const NOTE_QUESTION = { note: "text", question_id: "integer" } as const;
const NOTE_ANSWER = { note: "text", answer_id: "integer" } as const;

function answersOf(call: Call, id: number): readonly Question[] {
  return call.world.rowsWhere(question, "parent_id", id);
}

/** Own question (or answer, if `answer`). @throws {AgentError} 404, 403. */
function ownEntry(call: Call, id: number, answer: boolean, verb: string): Question {
  const entity = answer ? "answer" : "question";
  const row = call.world.get(question, id);
  if (row === undefined || (row.parent_id !== null) !== answer) throw notFound(entity, "id", id);
  return ownRow(call, question, id, entity, verb);
}

/** Questions and answers. */
export const questionApis: readonly Api[] = [
  list("list_questions", {
    about: "Questions about a product with their answers, oldest first.",
    params: {
      product_id: rowId("id of the product"),
      unanswered: withDefault(flag("only questions without any answer"), false),
    },
    returns: [{
      question_id: "integer",
      by: "e-mail",
      text: "text",
      at: "datetime",
      answers: [{ answer_id: "integer", by: "e-mail", text: "text", at: "datetime" }],
    }],
    rows(call, { product_id, unanswered }) {
      productOf(call, product_id);
      return call.world.rowsWhere(question, "product_id", product_id)
        .filter((row) => row.parent_id === null && !(unanswered && answersOf(call, row.id).length > 0));
    },
    view: ({ id, owner, text, at }, call) => ({
      question_id: id,
      by: owner,
      text,
      at,
      answers: answersOf(call, id).map((row) => ({ answer_id: row.id, by: row.owner, text: row.text, at: row.at })),
    }),
    search: ({ text }) => text,
    orders: { at: ({ at }) => at },
  }),
  api("ask_question", {
    about: "Ask something about a product.",
    params: { product_id: rowId("id of the product"), text: text("the question") },
    returns: NOTE_QUESTION,
    handler(call, { product_id, text }) {
      productOf(call, product_id);
      const values = { owner: call.member, product_id, text, parent_id: null, at: call.at };
      return { note: "Question asked.", question_id: call.world.insert(question, values).id };
    },
  }),
  api("edit_question", {
    about: "Change the words of an own question that nobody has answered.",
    params: { question_id: rowId("id of the question"), text: text("the question") },
    returns: NOTE_QUESTION,
    handler(call, { question_id, text }) {
      ownEntry(call, question_id, false, "change");
      if (answersOf(call, question_id).length > 0) throw conflict(`change question ${question_id}`, "it has answers");
      call.world.update(question, question_id, { text });
      return { note: "Question changed.", question_id };
    },
  }),
  api("remove_question", {
    about: "Remove an own question that nobody has answered.",
    params: { question_id: rowId("id of the question") },
    returns: { note: "text" },
    handler(call, { question_id }) {
      ownEntry(call, question_id, false, "remove");
      if (answersOf(call, question_id).length > 0) throw conflict(`remove question ${question_id}`, "it has answers");
      call.world.remove(question, question_id);
      return { note: "Question removed." };
    },
  }),
  api("answer_question", {
    about: "Answer somebody else's question about a product that was delivered to the member.",
    params: { question_id: rowId("id of the question"), text: text("the answer") },
    returns: NOTE_ANSWER,
    handler(call, { question_id, text }) {
      const asked = call.world.get(question, question_id);
      if (asked === undefined || asked.parent_id !== null) throw notFound("question", "id", question_id);
      const verb = `answer question ${question_id}`;
      if (asked.owner === call.member) throw conflict(verb, "it is your own");
      if (!hasProduct(call, asked.product_id)) throw conflict(verb, "the product was never delivered to you");
      const own = answersOf(call, question_id).find((row) => row.owner === call.member);
      if (own !== undefined) throw conflict(verb, `it has your answer ${own.id}`);
      const { product_id } = asked;
      const values = { owner: call.member, product_id, text, parent_id: question_id, at: call.at };
      return { note: "Question answered.", answer_id: call.world.insert(question, values).id };
    },
  }),
  api("edit_answer", {
    about: "Change the words of an own answer.",
    params: { answer_id: rowId("id of the answer"), text: text("the answer") },
    returns: NOTE_ANSWER,
    handler(call, { answer_id, text }) {
      ownEntry(call, answer_id, true, "change");
      call.world.update(question, answer_id, { text });
      return { note: "Answer changed.", answer_id };
    },
  }),
  api("remove_answer", {
    about: "Remove an own answer.",
    params: { answer_id: rowId("id of the answer") },
    returns: { note: "text" },
    handler(call, { answer_id }) {
      ownEntry(call, answer_id, true, "remove");
      call.world.remove(question, answer_id);
      return { note: "Answer removed." };
    },
  }),
];
