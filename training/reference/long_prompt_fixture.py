"""Writes test/fixtures/long-prompt/io.safetensors: long prompts in windows, as A1111 and compel encode them.

    python training/reference/long_prompt_fixture.py        (after fixtures.py, which makes tiny-sd)
"""
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPTokenizer

FIXTURES = Path(__file__).parents[2] / "test" / "fixtures"
TINY = FIXTURES / "tiny-sd"
LONG = " ".join(["a big red apple on the green grass beside a small dog"] * 2)

text = CLIPTextModel.from_pretrained(TINY / "text_encoder")
tokenizer = CLIPTokenizer.from_pretrained(str(TINY / "tokenizer"))
window = tokenizer.model_max_length


def ids(prompt, windows):
    words = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = []
    for i in range(windows):
        row = [tokenizer.bos_token_id, *words[i * (window - 2) : (i + 1) * (window - 2)], tokenizer.eos_token_id]
        rows.append(row + [tokenizer.pad_token_id] * (window - len(row)))
    return torch.tensor(rows)


count = -(-len(tokenizer(LONG, add_special_tokens=False).input_ids) // (window - 2))
with torch.no_grad():
    out = [text(ids(prompt, count)).last_hidden_state.reshape(count * window, -1) for prompt in (LONG, "a dog")]
(FIXTURES / "long-prompt").mkdir(exist_ok=True)
save_file({"out.hidden": torch.stack(out), "out.windows": torch.tensor([float(count)])}, FIXTURES / "long-prompt" / "io.safetensors")
