/**
 * Opening execution providers.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isSoftwareAdapter, openDevice, ProviderError } from "../../../agents/model/device.ts";

Deno.test("isSoftwareAdapter() tells renderers in software from hardware", () => {
  for (const name of ["llvmpipe (LLVM 15.0.6, 256 bits)", "Google SwiftShader", "Microsoft Basic Render Driver"]) {
    assert.ok(isSoftwareAdapter(name), name);
  }
  for (const name of ["NVIDIA H200", "Apple M3", "AMD Radeon RX 7900 XTX (RADV NAVI31)"]) {
    assert.ok(!isSoftwareAdapter(name), name);
  }
});

Deno.test("openDevice() names provider, threads and versions when the CPU is asked for", async () => {
  const device = await openDevice("cpu");
  assert.equal(device.kind, "cpu");
  assert.match(device.name, /^\d+ threads$/);
  assert.match(device.versions["onnxruntime-common"] ?? "", /^\d+\.\d+/);
});

Deno.test("openDevice() throws ProviderError when WebGPU is forced and navigator has none", async () => {
  const gpu = Object.getOwnPropertyDescriptor(Navigator.prototype, "gpu")!;
  Object.defineProperty(Navigator.prototype, "gpu", { configurable: true, get: () => undefined });
  try {
    await assert.rejects(openDevice("webgpu"), (error) => {
      return error instanceof ProviderError && /webgpu provider: navigator.gpu does not exist/.test(error.message);
    });
    const auto = await openDevice();
    assert.equal(auto.kind, "cpu");
  } finally {
    Object.defineProperty(Navigator.prototype, "gpu", gpu);
  }
});

Deno.test("openDevice() throws ProviderError when WebGPU is forced and there is no adapter", async () => {
  const gpu = Object.getOwnPropertyDescriptor(Navigator.prototype, "gpu")!;
  const none = { requestAdapter: () => Promise.resolve(null) };
  Object.defineProperty(Navigator.prototype, "gpu", { configurable: true, get: () => none });
  try {
    await assert.rejects(openDevice("webgpu"), /no adapter was found/);
  } finally {
    Object.defineProperty(Navigator.prototype, "gpu", gpu);
  }
});

Deno.test("openDevice() passes over a software adapter when it may choose", async () => {
  const gpu = Object.getOwnPropertyDescriptor(Navigator.prototype, "gpu")!;
  const info = { description: "llvmpipe", device: "", vendor: "", isFallbackAdapter: false };
  const software = { requestAdapter: () => Promise.resolve({ info }) };
  Object.defineProperty(Navigator.prototype, "gpu", { configurable: true, get: () => software });
  try {
    assert.equal((await openDevice("auto")).kind, "cpu");
  } finally {
    Object.defineProperty(Navigator.prototype, "gpu", gpu);
  }
});
