"""What `whet bench engine` compares with: PyTorch eager training, Hugging Face generate and TRL's GRPO step.

One command a line on stdin and one answer a line on stdout, both JSON; everything else goes to stderr. `open` makes a rival under a
key, `run` times one repeat of it, `close` frees it. The weights come from a file that Whetstone wrote (safetensors, matrices as
[in, out]), so that both sides start from the same numbers and their losses and tokens can be compared.

Choices that favour the rival: PyTorch's fused attention, fused AdamW, and a state that has been warmed up; the caller times every
thread count and keeps the better. Whatever a package needs beyond PyTorch is imported when a rival first asks for it.
"""

import contextlib
import json
import os
import struct
import sys
import threading
import time

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import torch
import torch.nn.functional as F


def read_weights(path):
    """Tensors of a Whetstone model file by parameter name, without the `weight.` in front."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        if name.startswith("weight."):
            start, end = entry["data_offsets"]
            flat = torch.frombuffer(data, dtype=torch.float32, offset=start, count=(end - start) // 4)
            tensors[name.removeprefix("weight.")] = flat.reshape(entry["shape"]).clone()
    return tensors


class Train:
    """A training step of the same network in plain PyTorch: forward, backward, clipping and AdamW."""

    def __init__(self, spec):
        self.config = c = spec["config"]
        self.optimizer_spec = spec["optimizer"]
        self.parameters = {}
        for name, value in read_weights(spec["weights"]).items():
            # As torch.nn.Linear keeps them: [out, in].
            matrix = name.startswith("blocks.") and value.dim() == 2
            self.parameters[name] = torch.nn.Parameter((value.t() if matrix else value).contiguous())
        ids = torch.tensor(spec["ids"])
        self.ids, self.targets = ids[:, :-1].contiguous(), ids[:, 1:].reshape(-1)
        self.previous = torch.cat([self.ids[:, :1], self.ids[:, :-1]], dim=1)
        tokens, half = self.ids.shape[1], c["headSize"] // 2
        angles = torch.arange(tokens)[:, None] * c["ropeTheta"] ** (-torch.arange(half) / half)
        self.cos, self.sin = (torch.cat([table, table], -1) for table in (angles.cos(), angles.sin()))
        o = self.optimizer_spec
        decays = [p for p in self.parameters.values() if p.dim() == 2]
        others = [p for p in self.parameters.values() if p.dim() != 2]
        groups = [{"params": decays, "weight_decay": o["weightDecay"]}, {"params": others, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(
            groups, lr=o["learningRate"], betas=(o["beta1"], o["beta2"]), eps=o["epsilon"], fused=True
        )

    def rotate(self, x):
        a, b = x.chunk(2, -1)
        return x * self.cos + torch.cat([-b, a], -1) * self.sin

    def loss(self):
        c, p = self.config, self.parameters
        B, T = self.ids.shape
        D, H, K, d, eps = c["width"], c["heads"], c["keyValueHeads"], c["headSize"], c["normEpsilon"]
        x = F.embedding(self.ids, p["embedding"])
        if c["embedsPrevious"]:
            x = x + F.embedding(self.previous, p["previous_embedding"])
        for layer in range(c["layers"]):
            w = lambda name: p[f"blocks.{layer}.{name}"]
            a = F.rms_norm(x, (D,), w("attention_norm"), eps)
            q = self.rotate(F.linear(a, w("query")).view(B, T, H, d).transpose(1, 2))
            k = self.rotate(F.linear(a, w("key")).view(B, T, K, d).transpose(1, 2))
            v = F.linear(a, w("value")).view(B, T, K, d).transpose(1, 2)
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=H != K)
            x = x + F.linear(mixed.transpose(1, 2).reshape(B, T, H * d), w("attention_out"))
            b = F.rms_norm(x, (D,), w("feed_norm"), eps)
            x = x + F.linear(F.silu(F.linear(b, w("gate"))) * F.linear(b, w("up")), w("down"))
        x = F.rms_norm(x, (D,), p["final_norm"], eps)
        logits = F.linear(x, p["embedding"] if c["tiedHead"] else p["head"])
        return F.cross_entropy(logits.view(-1, c["vocabularySize"]), self.targets)

    def run(self, _):
        start = time.perf_counter()
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters.values(), self.optimizer_spec["maxGradNorm"])
        self.optimizer.step()
        value = loss.item()
        return {"seconds": time.perf_counter() - start, "loss": value}


def llama(spec):
    """transformers' Llama with our weights; the previous-token embedding has no place in it and must be zero."""
    from transformers import LlamaConfig, LlamaForCausalLM

    c = spec["config"]
    config = LlamaConfig(
        vocab_size=c["vocabularySize"], hidden_size=c["width"], intermediate_size=c["hidden"],
        num_hidden_layers=c["layers"], num_attention_heads=c["heads"], num_key_value_heads=c["keyValueHeads"],
        head_dim=c["headSize"], max_position_embeddings=c["contextTokens"], rms_norm_eps=c["normEpsilon"],
        tie_word_embeddings=c["tiedHead"], bos_token_id=None, eos_token_id=None, pad_token_id=0,
    )
    config.rope_theta = c["ropeTheta"]
    model = LlamaForCausalLM(config)
    weights = read_weights(spec["weights"])
    if c["embedsPrevious"] and weights["previous_embedding"].abs().max() > 0:
        raise ValueError("the previous-token embedding must be zero")
    theirs = {"attention_norm": "input_layernorm", "feed_norm": "post_attention_layernorm"}
    for ours, name in (("query", "q"), ("key", "k"), ("value", "v"), ("attention_out", "o")):
        theirs[ours] = f"self_attn.{name}_proj"
    for ours in ("gate", "up", "down"):
        theirs[ours] = f"mlp.{ours}_proj"
    state = {"model.embed_tokens.weight": weights["embedding"], "model.norm.weight": weights["final_norm"]}
    state["lm_head.weight"] = weights["embedding" if c["tiedHead"] else "head"]
    for layer in range(c["layers"]):
        for ours, name in theirs.items():
            value = weights[f"blocks.{layer}.{ours}"]
            state[f"model.layers.{layer}.{name}.weight"] = value.t().contiguous() if value.dim() == 2 else value
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected or [name for name in missing if not name.startswith("lm_head")]:
        raise ValueError(f"weights do not fit: missing {missing}, unexpected {unexpected}")
    return model


class Generate:
    """Greedy decoding by Hugging Face generate, with its cache of keys and values."""

    def __init__(self, spec):
        self.model = llama(spec).eval()

    def run(self, command):
        ids = torch.tensor(command["ids"])
        count = command["newTokens"]
        with torch.inference_mode():
            start = time.perf_counter()
            out = self.model.generate(
                ids, attention_mask=torch.ones_like(ids), do_sample=False, use_cache=True, max_new_tokens=count,
                min_new_tokens=count,
            )
            seconds = time.perf_counter() - start
        return {"seconds": seconds, "ids": out[:, ids.shape[1]:].tolist()}


def word_tokenizer(size):
    """A tokenizer whose id i is the word `t<i>`; the last id ends a text."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.WordLevel({f"t{i}": i for i in range(size)}, unk_token="t0"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    last = f"t{size - 1}"
    return PreTrainedTokenizerFast(tokenizer_object=inner, eos_token=last, pad_token=last, unk_token="t0")


class Grpo:
    """Whole steps of TRL's GRPOTrainer, generation included; its loop waits in a thread between two of them."""

    def __init__(self, spec):
        from datasets import Dataset
        from datasets.table import InMemoryTable
        from transformers import TrainerCallback
        from trl import GRPOConfig, GRPOTrainer

        self.go, self.done = threading.Semaphore(0), threading.Semaphore(0)
        self.answer, self.failure, self.stop = {}, None, False
        rival = self
        o, group, count = spec["optimizer"], spec["group"], spec["newTokens"]
        prompts = [" ".join(f"t{i}" for i in row) for row in spec["prompts"]]
        size = spec["config"]["vocabularySize"]

        class Pause(TrainerCallback):
            def on_step_begin(self, args, state, control, **kwargs):
                rival.go.acquire()
                if rival.stop:
                    raise SystemExit
                # The number of threads belongs to the thread that sets it.
                torch.set_num_threads(rival.threads)
                rival.start = time.perf_counter()

            def on_step_end(self, args, state, control, **kwargs):
                rival.answer["seconds"] = time.perf_counter() - rival.start
                rival.done.release()

        class Watched(GRPOTrainer):
            def _generate_and_score_completions(self, inputs):
                made = super()._generate_and_score_completions(inputs)
                rival.made = made
                return made

            def training_step(self, *args, **kwargs):
                loss = super().training_step(*args, **kwargs)
                rival.answer["loss"] = loss.item()
                return loss

            def _get_grad_norm(self, *args, **kwargs):
                norm = super()._get_grad_norm(*args, **kwargs)
                rival.answer["gradNorm"] = float(norm)
                return norm

        def reward(completion_ids, **_):
            return [sum(i % 2 for i in ids) / len(ids) for ids in completion_ids]

        args = GRPOConfig(
            output_dir=spec["folder"], per_device_train_batch_size=len(prompts) * group, num_generations=group,
            max_completion_length=count, temperature=1.0, beta=0.0, loss_type="grpo", learning_rate=o["learningRate"],
            lr_scheduler_type="constant", adam_beta1=o["beta1"], adam_beta2=o["beta2"], adam_epsilon=o["epsilon"],
            weight_decay=o["weightDecay"], max_grad_norm=o["maxGradNorm"], max_steps=100_000, use_cpu=True, bf16=False,
            gradient_checkpointing=False, report_to="none", save_strategy="no", logging_strategy="no",
            disable_tqdm=True, shuffle_dataset=False, dataloader_pin_memory=False,
            generation_kwargs={"min_new_tokens": count},
        )
        model = llama(spec)
        # Every completion has the full number of tokens: the same work in each step.
        model.config.eos_token_id = model.generation_config.eos_token_id = size - 1
        self.trainer = Watched(
            model=model, reward_funcs=reward, args=args, processing_class=word_tokenizer(size), callbacks=[Pause()],
            # A fingerprint of our own: making one fails where pyarrow is newer than the data sets' package expects.
            train_dataset=Dataset(InMemoryTable.from_pydict({"prompt": prompts}), fingerprint="prompts"),
        )

        def loop():
            try:
                with contextlib.redirect_stdout(sys.stderr):
                    self.trainer.train()
            except SystemExit:
                pass
            except BaseException as error:  # handed to the caller, who waits
                self.failure = error
                self.done.release()

        self.thread = threading.Thread(target=loop, daemon=True)
        self.thread.start()

    def run(self, command):
        self.threads = torch.get_num_threads()
        self.go.release()
        self.done.acquire()
        if self.failure is not None:
            raise self.failure
        answer = dict(self.answer)
        if command.get("details"):
            for theirs in ("prompt_ids", "completion_ids", "advantages"):
                answer[theirs] = self.made[theirs].tolist()
        return answer

    def close(self):
        self.stop = True
        self.go.release()
        self.thread.join(timeout=10)


RIVALS = {"train": Train, "generate": Generate, "grpo": Grpo}


def versions():
    found = {"python": sys.version.split()[0], "torch": torch.__version__}
    for name in ("transformers", "trl"):
        with contextlib.suppress(Exception):
            from importlib.metadata import version

            found[name] = version(name)
    return found


def main():
    answers = os.fdopen(os.dup(1), "w")
    # Whatever a package prints must not mix with the answers.
    os.dup2(2, 1)
    open_rivals = {}
    for line in sys.stdin:
        command = json.loads(line)
        try:
            op, key = command["op"], command.get("key")
            if op == "hello":
                answer = {"versions": versions(), "threads": torch.get_num_threads()}
            elif op == "open":
                open_rivals[key] = RIVALS[command["what"]](command)
                answer = {}
            elif op == "run":
                torch.set_num_threads(command["threads"])
                answer = open_rivals[key].run(command)
            elif op == "close":
                rival = open_rivals.pop(key)
                getattr(rival, "close", lambda: None)()
                answer = {}
            else:
                raise ValueError(f"no command {op}")
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
