/**
 * Speed and accuracy of the exact grader, against @cortex-js/compute-engine on the same pairs in the same run.
 *
 * Run: `deno run -P=test tests/bench/verify.ts [FOLDER]`, where FOLDER holds JSON lines with reference answers (fields `answer`,
 * `Answer` or `final_answer`; a worked solution that ends in `#### n` or a `\boxed{…}` will do). Three sets: (a) every reference
 * answer of the folder against itself, (b) the labelled pairs of this repository, (c) hostile input. The engine gets the
 * same extracted and cleaned texts, so that only reading and comparing differ; it has no budget, so (c) is not asked of it.
 * Repeats are interleaved and the medians are printed with their spread; ratios are of medians of one run.
 *
 * @module
 */
import { ComputeEngine } from "@cortex-js/compute-engine";
import { auditGrader, type LabelledPair, readLabelledPairs } from "../../envs/math/grader/audit.ts";
import { cleanAnswer } from "../../envs/math/grader/clean.ts";
import { extractAnswer } from "../../envs/math/grader/extract.ts";
import { verifyMinerva } from "../../envs/math/grader/minerva.ts";
import { type Verification, verifyAnswer } from "../../envs/math/grader/verify.ts";

const REPEATS = 5;
const SLOWEST = 3;

/** A pair to judge. */
interface Pair {
  readonly gold: string;
  readonly answer: string;
}

/** What one pass over a set took. */
interface Pass {
  readonly rate: number;
  /** Of each pair, ms. */
  readonly times: readonly number[];
  readonly counts: Readonly<Record<string, number>>;
}

function pass(pairs: readonly Pair[], judge: (gold: string, answer: string) => string): Pass {
  const counts: Record<string, number> = {};
  const times: number[] = [];
  const start = performance.now();
  for (const { gold, answer } of pairs) {
    const from = performance.now();
    const verdict = judge(gold, answer);
    times.push(performance.now() - from);
    counts[verdict] = (counts[verdict] ?? 0) + 1;
  }
  return { rate: pairs.length / (performance.now() - start) * 1000, counts, times };
}

/** Median with the smallest and the largest value. */
function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b).map(Math.round);
  return `${sorted[sorted.length >> 1]} (${sorted[0]} to ${sorted.at(-1)})`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** Reference answers of one line of a published set. */
function referenceOf(row: Record<string, unknown>): string[] {
  const direct = row.final_answer ?? row.answer ?? row.Answer;
  if (Array.isArray(direct)) return [direct.map(String).join(", ")];
  if (typeof direct === "string" || typeof direct === "number") {
    const text = String(direct);
    return text.includes("#### ") ? [text.slice(text.lastIndexOf("#### ") + 5)] : [text];
  }
  const solution = typeof row.solution === "string" ? extractAnswer(row.solution) : undefined;
  return solution === undefined ? [] : [solution.text];
}

async function readFolder(folder: string): Promise<Map<string, Pair[]>> {
  const sets = new Map<string, Pair[]>();
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).filter((name) =>
    name.endsWith(".jsonl")
  );
  for (const name of names.sort()) {
    const lines = (await Deno.readTextFile(`${folder}/${name}`)).split("\n").filter((line) => line !== "");
    const references = lines.flatMap((line) => referenceOf(JSON.parse(line)));
    sets.set(name, references.map((gold) => ({ gold, answer: `\\boxed{${gold}}` })));
  }
  return sets;
}

const many = (count: number, text: string) => text.repeat(count);
const HOSTILE: readonly Pair[] = [
  many(1e6, "("),
  many(1e6, "9"),
  many(1e6, "{"),
  many(1e6, "a+"),
  `${many(1e6, " ")}5`,
  many(1e5, "\\boxed{1}"),
  many(7e4, "the answer is "),
  many(1e5, "Answer: 5\n"),
  `\\boxed{${many(4000, "(")}1${many(4000, ")")}}`,
  `\\boxed{${many(2000, "\\frac{1}{")}1${many(2000, "}")}}`,
  `\\boxed{${many(50, "\\sqrt{1+")}x${many(50, "}")}}`,
  `\\boxed{${many(50, "\\frac{1}{1+")}x${many(50, "}")}}`,
  "\\boxed{9^{9^{9^{9}}}}",
  "\\boxed{2^{100000}+1}",
  "\\boxed{3^{3^{12}}}",
  "\\boxed{99999!}",
  "\\boxed{((((100!)!)!)!)!}",
  "\\boxed{\\binom{100000}{50000}}",
  "\\boxed{(a+b+c+d+e+f)^{1000}}",
  "\\boxed{(a+b+c+d+e+f+g+h)^{12}}",
  "\\boxed{(x+\\sqrt{2}+\\sqrt{3}+\\sqrt{5}+\\sqrt{7})^{20}}",
  `\\boxed{${many(400, "(x+1)(x-y)")}}`,
  "\\boxed{1e999999999}",
  "\\boxed{\\sin(10^{10^{10}})}",
  `\\boxed{${Array.from({ length: 5000 }, (_, i) => i).join(",")}}`,
  `\\boxed{\\{${Array.from({ length: 3000 }, (_, i) => `x^${i}`).join(",")}\\}}`,
  `\\boxed{\\begin{pmatrix}${many(300, "(x+y)^9&")}x\\end{pmatrix}}`,
  `\\boxed{${Array.from({ length: 20 }, (_, i) => `\\sqrt{${i + 2}}`).join("+")}}`,
  `\\boxed{${Array.from({ length: 18 }, (_, i) => `x_${i} \\pm 1`).join(" + ")}}`,
  `\\boxed{${many(5000, "|x")}}`,
  `\\boxed{${many(3000, "\\sin ")}x}`,
  `\\boxed{${many(9000, "1/")}1}`,
  `\\boxed{0.${many(9000, "1234567890")}}`,
  `\\boxed{\\sqrt{${many(3000, "7")}}}`,
].flatMap((answer) => {
  const content = /^\\boxed\{(.*)\}$/s.exec(answer)?.[1] ?? answer.slice(0, 20_000);
  return [{ gold: "5", answer }, { gold: content, answer }, { gold: `x+${content}`, answer }];
});

/** Prints rates, and the slowest pairs by the best time of each, so that other work on the machine does not count. */
function printPass(name: string, pairs: readonly Pair[], passes: readonly Pass[]): void {
  const best = pairs.map(({ gold, answer }, index) => ({
    ms: Math.min(...passes.map(({ times }) => times[index] ?? Infinity)),
    text: `${gold.slice(0, 30)} | ${answer.slice(-30)}`,
  })).sort((a, b) => b.ms - a.ms);
  const rates = spread(passes.map(({ rate }) => rate));
  console.log(
    `${name}: ${rates} verdicts/s, slowest ${best[0]?.ms.toFixed(1)} ms, ${JSON.stringify(passes.at(-1)?.counts)}`,
  );
  for (const { ms, text } of best.slice(0, SLOWEST)) console.log(`    ${ms.toFixed(1)} ms  ${JSON.stringify(text)}`);
}

const exact = (gold: string, answer: string) => verifyAnswer(gold, answer).verdict;

const engine = new ComputeEngine();

/** The engine's verdict on our cleaned texts: equal by its own rules, or not. */
function byEngine(gold: string, answer: string): Pick<Verification, "verdict" | "detail"> {
  const extracted = extractAnswer(answer);
  if (extracted === undefined) return { verdict: "unparsed", detail: "no answer" };
  try {
    const left = engine.parse(cleanAnswer(gold).text);
    const right = engine.parse(cleanAnswer(extracted.text).text);
    if (!left.isValid || !right.isValid) return { verdict: "unparsed", detail: "invalid" };
    const equal = left.isSame(right) || left.isEqual(right) === true;
    return { verdict: equal ? "correct" : "incorrect", detail: "" };
  } catch (error) {
    return { verdict: "error", detail: String(error) };
  }
}

const [folder] = Deno.args;
if (folder !== undefined) {
  for (const [name, pairs] of await readFolder(folder)) {
    printPass(`(a) ${name}, ${pairs.length} pairs`, pairs, Array.from({ length: 3 }, () => pass(pairs, exact)));
  }
}

const labelled = readLabelledPairs(
  await Deno.readTextFile(new URL("../fixtures/math/labelled_pairs.jsonl", import.meta.url)),
);
const [ours, theirs, strings]: [Pass[], Pass[], Pass[]] = [[], [], []];
for (let repeat = 0; repeat < REPEATS; repeat++) {
  ours.push(pass(labelled, exact));
  theirs.push(pass(labelled, (gold, answer) => byEngine(gold, answer).verdict));
  strings.push(pass(labelled, (gold, answer) => verifyMinerva(gold, answer).verdict));
}
printPass("(b) labelled pairs, exact grader", labelled, ours);
printPass("(b) labelled pairs, compute engine", labelled, theirs);
printPass("(b) labelled pairs, string grader", labelled, strings);

/** Share judged as labelled; as a question of yes or no, since the engine has no verdict "unparsed". */
function accuracy(judge: (gold: string, answer: string) => Pick<Verification, "verdict" | "detail">): string {
  const right =
    labelled.filter((pair: LabelledPair) =>
      (judge(pair.gold, pair.answer).verdict === "correct") === (pair.label === "correct")
    ).length;
  const { falsePositives } = auditGrader(labelled, judge).total;
  return `${right} of ${labelled.length} (${
    (100 * right / labelled.length).toFixed(1)
  } %), ${falsePositives} wrongly accepted`;
}
console.log(`accepted or not as labelled: exact grader ${accuracy(verifyAnswer)}`);
console.log(`accepted or not as labelled: compute engine ${accuracy(byEngine)}`);
console.log(`accepted or not as labelled: string grader ${accuracy(verifyMinerva)}`);
const ratio = median(ours.map(({ rate }) => rate)) / median(theirs.map(({ rate }) => rate));
console.log(`rate of the exact grader over that of the compute engine: ${ratio.toFixed(2)}`);

printPass(`(c) hostile, ${HOSTILE.length} pairs`, HOSTILE, Array.from({ length: 3 }, () => pass(HOSTILE, exact)));
