/**
 * A thread that holds copies of models and works on requests of the thread that started it (lanes.ts).
 *
 * Contract: one request at a time, in order. A request that fails is answered with its error and changes nothing else. Between requests
 * the thread sleeps.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { openLaneDevice } from "./device.ts";
import { LaneChannel, type LaneMemory } from "./lane_channel.ts";
import { LaneState } from "./lane_state.ts";

function isMemory(value: unknown): value is LaneMemory {
  return typeof value === "object" && value !== null && "control" in value && "data" in value;
}

if (!isMemory(workerData)) throw new TypeError("Cannot start a lane: it must be given its memory");
const channel = new LaneChannel(workerData);
const state = new LaneState(await openLaneDevice());
parentPort?.postMessage("ready");
// The message is sent when this thread next waits for events, which a blocked one never does.
await new Promise((resolve) => setTimeout(resolve, 0));
while (true) {
  const message = channel.awaitRequest();
  try {
    channel.answer(await state.handle(message));
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    channel.answer({ op: "error", texts: [text] });
  }
}
