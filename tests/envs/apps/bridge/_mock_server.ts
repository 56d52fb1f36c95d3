/**
 * A server of somebody else's, with the faults that such servers have and tasks of our own: one world at a time, code that is
 * "Python" of the forms below, a closed world that stays registered, and two spellings of reports.
 *
 * @module
 */
import type { Json } from "../../../../data/canonical.ts";

export interface MockOptions {
  /** Spelling of failures and shares. */
  readonly spelling?: "failures" | "fails";
  /** Leaves labels out. */
  readonly labels?: "given" | "missing";
}

const BRIEFS: Readonly<Record<string, string>> = {
  a1_1: "How many lamps are lit in the hall?",
  a1_2: "How many lamps are lit in the attic?",
  b2_1: "Water the ferns.",
};

/** What was asked of the server, in order. */
export interface MockServer {
  readonly log: string[];
  readonly bodies: Record<string, Json>[];
  /** Most worlds that were open at once, counting by `initialize` without `close_all` before. */
  readonly overlaps: number;
  send(request: Request): Promise<Response>;
}

export function mockServer(options: MockOptions = {}): MockServer {
  const { spelling = "failures", labels = "given" } = options;
  const log: string[] = [];
  const bodies: Record<string, Json>[] = [];
  let world: { task: string; closed: boolean; answer: Json | undefined } | undefined;
  let overlaps = 0;

  const output = (value: Json) => Response.json({ output: value });
  const refuse = (status: number, detail: string) => Response.json({ detail }, { status });
  const brief = (id: string): Json => ({
    task_id: id,
    instruction: BRIEFS[id] ?? "",
    supervisor: { first_name: "Ada", last_name: "Moor", email: "ada.moor@pine.test", phone_number: "5550100" },
    datetime: "2027-03-20T12:00:00",
  });

  function execute(code: string): string {
    if (world?.closed) return "Execution failed. Traceback:\nException: Cannot operate on a closed database.";
    const called = /^print\(apis\.(\w+)\.(\w+)\(\*\*json\.loads\(("(?:[^"\\]|\\.)*")\)\)\)$/.exec(code);
    if (called === null) return code.startsWith("print(") ? code.slice(6, -1) : "Execution successful.";
    const [, app, api, text = ""] = called;
    const args = JSON.parse(JSON.parse(text)) as Record<string, Json>;
    if (api === "finish" && world !== undefined) world.answer = args["answer"] ?? null;
    return JSON.stringify({ app: app ?? "", api: api ?? "", args });
  }

  function answer(path: string, body: Record<string, Json>): Response {
    const id = String(body["task_id"]);
    if (path.startsWith("tasks/")) {
      const wanted = path.slice("tasks/".length);
      return Object.hasOwn(BRIEFS, wanted) ? output(brief(wanted)) : refuse(400, `no task ${wanted}`);
    }
    if (path === "api_docs") return Response.json({ lamps: { list_lamps: {}, finish: {} } });
    if (path === "close_all") {
      world = undefined;
      return output(null);
    }
    if (path === "initialize") {
      if (world !== undefined) overlaps++;
      world = { task: id, closed: false, answer: undefined };
      return output(brief(id));
    }
    if (path === "evaluate_all" && body["include_details"] !== true) return refuse(500, "missing keys");
    const test = (requirement: string, label: string) => ({ requirement, ...(labels === "given" ? { label } : {}) });
    const verdict = (solved: boolean): Json => ({
      success: solved,
      difficulty: 2,
      num_tests: 2,
      passes: [test("secret words one", "no_op_pass"), ...(solved ? [test("secret words two", "no_op_fail")] : [])],
      [spelling]: solved ? [] : [{ ...test("secret words two", "no_op_fail"), trace: "secret trace" }],
    });
    if (path === "evaluate_all") {
      const [task, scenario] = spelling === "fails"
        ? ["tgc", "sgc"]
        : ["task_goal_completion", "scenario_goal_completion"];
      const ids = body["task_ids"] as string[];
      return output({
        aggregate: { [task ?? ""]: 0, [scenario ?? ""]: 0 },
        individual: Object.fromEntries(ids.map((one) => [one, verdict(false)])),
      });
    }
    if (world === undefined) return refuse(400, "not initialized");
    if (world.task !== id) return refuse(400, `the active task world is ${world.task}`);
    if (path === "execute") return output(execute(String(body["code"])));
    if (path === "task_completed") return output(world.answer !== undefined);
    if (path === "evaluate") return output(verdict(world.answer === 3));
    if (path === "close") {
      world.closed = true;
      return output(null);
    }
    return refuse(404, "Not Found");
  }

  return {
    log,
    bodies,
    get overlaps() {
      return overlaps;
    },
    async send(request) {
      const path = new URL(request.url).pathname.slice(1);
      const text = await request.text();
      const body = (text === "" ? {} : JSON.parse(text)) as Record<string, Json>;
      log.push(path);
      bodies.push(body);
      return answer(path, body);
    },
  };
}
