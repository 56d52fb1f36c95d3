import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { rowSchema } from "../../data/schema.ts";
import { machineFacts, packageVersions, WHETSTONE_VERSION } from "../../eval/versions.ts";

Deno.test("packageVersions() names the program, the runtime and every package with its pinned version", () => {
  const versions = packageVersions();
  assert.equal(versions["whetstone"], WHETSTONE_VERSION);
  assert.equal(versions["deno"], Deno.version.deno);
  assert.equal(versions["v8"], Deno.version.v8);
  const packages = Object.values(config.imports).filter((specifier) => specifier.startsWith("npm:"));
  for (const specifier of packages) {
    const at = specifier.lastIndexOf("@");
    assert.equal(versions[specifier.slice("npm:".length, at)], specifier.slice(at + 1), specifier);
  }
  assert.equal(Object.keys(versions).length, packages.length + 3);
});

Deno.test("machineFacts() gives a row of the machine table", () => {
  const facts = machineFacts();
  assert.equal(facts.arch, Deno.build.arch);
  assert.ok(facts.os.startsWith(`${Deno.build.os} `));
  assert.notEqual(facts.cpu, "");
  assert.ok(Number.isInteger(facts.cores) && facts.cores >= 1);
  assert.ok(Number.isInteger(facts.memory_mib) && facts.memory_mib >= 1);
  const row = { run_id: "r", session: "2026-01-01T00:00:00.000Z", ...facts, gpu: null, versions: packageVersions() };
  assert.equal(rowSchema("machine").safeParse(row).success, true);
  assert.deepEqual(machineFacts(), facts);
});
