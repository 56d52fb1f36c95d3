/**
 * The short form of `whet bench engine`, for profiling and for a look at one's own change.
 *
 * Run: `deno run -P=test tests/bench/engine.ts [PYTHON]`; the permissions of tests let the rivals' Python run with any PYTHONPATH.
 *
 * @module
 */
import { benchEngine } from "../../eval/engine_bench.ts";
import { formatEngineFigure, formatEngineReport } from "../../eval/engine_figures.ts";

const [python = "python3"] = Deno.args;
const folder = await Deno.makeTempDir();
try {
  const report = await benchEngine(folder, {
    python,
    quick: true,
    onFigure: (figure) => console.error(formatEngineFigure(figure)),
  });
  console.log(formatEngineReport(report));
} finally {
  await Deno.remove(folder, { recursive: true });
}
