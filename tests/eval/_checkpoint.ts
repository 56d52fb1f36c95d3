/**
 * A tiny published checkpoint for tests: random weights of a Llama with the fixtures' tokenizer and chat template.
 *
 * @module
 */
import { nanoConfig } from "../../agents/model/config.ts";
import { openDevice } from "../../agents/model/device.ts";
import { saveHfModel } from "../../agents/model/hf_folder.ts";
import { loadHfTokenizer } from "../../agents/model/hf_tokenizer.ts";
import { createModel } from "../../agents/model/model.ts";

/** Folder of the tokenizer that the checkpoint has. */
export const TOKENIZER_FOLDER = new URL("../fixtures/tokenizers/qwen2", import.meta.url).pathname;

/** Writes the checkpoint; `seed` names its weights. */
export async function writeCheckpoint(path: string, seed = 1): Promise<void> {
  const { vocabularySize } = await loadHfTokenizer(TOKENIZER_FOLDER);
  const config = nanoConfig(vocabularySize, {
    width: 16,
    layers: 1,
    heads: 2,
    keyValueHeads: 1,
    headSize: 8,
    hidden: 24,
    contextTokens: 512,
    embedsPrevious: false,
    tiedHead: false,
    family: "llama",
  });
  const model = await createModel(await openDevice("cpu"), config, seed);
  await saveHfModel(model, path, { copyFrom: TOKENIZER_FOLDER });
  await model.release();
}
