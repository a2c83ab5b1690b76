"""What a sample is told: captions, prompts an item, free tokens; and the attention that keeps items apart."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

import scenes
from objects import GROUNDS, OBJECTS
from sizes import LENGTH

GROUPS = scenes.MAX_ITEMS
FREE = 5  # rows beside the vocabulary for every kind of thing
KINDS = len(GROUNDS) + len(OBJECTS)


class Prompts:
    """Token ids of prompts, cached; a word "<k.j>" is kind k's free token j, an id behind the vocabulary.

    Association learns five tokens an item that no text ever had. A few samples' items are told by 1-5 free tokens of
    their kind, alone or among words, so that the text encoder and the UNet are used to such prompts.
    """

    def __init__(self, tokenizer):
        self.tokenizer, self.vocab, self.cache = tokenizer, len(tokenizer), {}

    def __call__(self, text: str) -> torch.Tensor:
        if text not in self.cache:
            bos, eos = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
            ids = [bos]
            for word in text.split(" ") if "<" in text else [text]:
                if word.startswith("<"):
                    kind, j = map(int, word[1:-1].split("."))
                    ids.append(self.vocab + kind * FREE + j)
                else:
                    ids += self.tokenizer(word, add_special_tokens=False).input_ids
            ids = ids[: LENGTH - 1]
            self.cache[text] = torch.tensor(ids + [eos] * (LENGTH - len(ids)))
        return self.cache[text]


def free_words(kind: int, colour: str, rng: np.random.Generator) -> str:
    chosen = rng.choice(FREE, int(rng.integers(1, FREE + 1)), replace=False)
    words = " ".join(f"<{kind}.{j}>" for j in chosen)
    before = ("", "a photo of ", "a ")[int(rng.integers(3))]
    return before + (f"{colour} " if colour else "") + words


def conditions(picked: list[tuple[dict, int]], rng: np.random.Generator, prompts: Prompts):
    """For each sample: ids [GROUPS, LENGTH] and label maps; whole captions put everything into group 0."""
    ids, maps = [], [[] for _ in picked[0][0]["maps"]]
    for block, i in picked:
        names, how = block["names"][i], rng.random()
        if how < 0.1 or how > 0.88:
            row = [prompts("" if how < 0.1 else scenes.caption(names))] + [prompts("")] * (GROUPS - 1)
            for k, m in enumerate(maps):
                m.append(torch.zeros_like(block["maps"][k][i][0]))
        else:
            row = [prompts(word(n, kind, c, rng)) for n, kind, c in zip(names, block["kinds"][i], block["colours"][i])]
            row += [prompts("")] * (GROUPS - len(row))
            loose = int(rng.random() < 0.8)
            for k, m in enumerate(maps):
                m.append(block["maps"][k][i][loose])
        ids.append(torch.stack(row))
    return torch.stack(ids), [torch.stack(m) for m in maps]


def word(name: str, kind: int, colour: str, rng: np.random.Generator) -> str:
    if rng.random() < 0.2:
        return free_words(kind, colour, rng)
    return (name, scenes.article(name), "a photo of " + scenes.article(name))[int(rng.integers(3))]


def encode_text(text_encoder, ids: torch.Tensor) -> torch.Tensor:
    """[B, G, L] -> [B, G*L, D]; each distinct prompt is encoded once."""
    flat, back = torch.unique(ids.flatten(0, 1), dim=0, return_inverse=True)
    hidden = text_encoder(flat).last_hidden_state
    return hidden[back].reshape(ids.shape[0], -1, hidden.shape[-1])


def bias_of(maps: torch.Tensor) -> torch.Tensor:
    """Label maps [B, h, w] -> additive bias [B, 1, h*w, GROUPS*LENGTH]."""
    own = maps.flatten(1)[:, :, None] == torch.arange(GROUPS, device=maps.device)
    bias = torch.where(own, 0.0, -1e4).repeat_interleave(LENGTH, dim=2)
    return bias[:, None]


def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """softmax(q k^T / sqrt(d) + bias) v. PyTorch's fused attention on a CPU computes bfloat16 slower than float32, and both slower
    than plain products: forward and backward of a batch of 32 on one core, 256 queries of 256 keys 105 ms against 62, 64 queries
    of 192 keys 25 ms against 8. With many scores and a bias they are alike (62 and 60), and float32 it is, unless the CPU has
    tiles for products (AMX)."""
    if q.device.type != "cpu" or q.dtype != torch.bfloat16:
        return F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
    if q.shape[2] >= 256 and bias is not None and not torch.cpu._is_amx_tile_supported():
        with torch.autocast("cpu", enabled=False):
            return F.scaled_dot_product_attention(q.float(), k.float(), v.float(), attn_mask=bias.float()).to(q.dtype)
    scores = (q * q.shape[3] ** -0.5) @ k.transpose(2, 3)
    return (scores if bias is None else scores + bias).softmax(3).to(q.dtype) @ v


class GroupedAttention:
    """diffusers attention processor with an additive bias for each query length: grouped cross-attention.

    out = softmax(q k^T / sqrt(d) + bias) v over the concatenated tokens of all items, bias 0 for a pixel's own
    item and -inf elsewhere: the sum of masked attentions of arXiv 2403.04880, section 3.2.
    """

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, group_bias=None, **_):
        context = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        b, n, _ = hidden_states.shape
        q, k, v = (
            f(t).view(b, -1, attn.heads, f.out_features // attn.heads).transpose(1, 2)
            for f, t in ((attn.to_q, hidden_states), (attn.to_k, context), (attn.to_v, context))
        )
        bias = group_bias[n].to(q.dtype) if encoder_hidden_states is not None and group_bias is not None else None
        out = attend(q, k, v, bias)
        return attn.to_out[0](out.transpose(1, 2).reshape(b, n, -1))
