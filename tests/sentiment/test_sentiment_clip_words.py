"""Vectors of words: hashed letter sequences, and an encoder of transformers from a folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.sentiment.clip.words import Bert, Hashed, _pieces, grams, spelling


def test_the_letter_sequences_of_a_word() -> None:
    assert sorted(grams("no")) == ["<no", "<no>", "no>"]
    assert sorted(grams("bad")) == ["<ba", "<bad", "<bad>", "ad>", "bad", "bad>"]
    assert spelling("“Don’t!”") == "don't"


def test_alike_words_have_alike_vectors_and_none_is_unknown() -> None:
    movie, movies, terrible, again = Hashed(512, 0)(["movie", "Movies,", "terrible", "movie"])
    assert movie @ movies > 0.4 > abs(movie @ terrible)
    assert (movie == again).all()
    assert np.linalg.norm(movies) == pytest.approx(1)


def test_vectors_are_the_same_everywhere_and_follow_the_seed() -> None:
    vector = Hashed(256, 0)(["a"])[0]  # its only sequence is <a>
    assert [(int(i), float(vector[i])) for i in np.flatnonzero(vector)] == [(152, -1.0)]
    assert vector.dtype == np.float32
    assert (Hashed(8, 0)(["good"]) == Hashed(8, 0)(["Good!"])).all()
    assert (Hashed(8, 1)(["good"]) != Hashed(8, 0)(["good"])).any()


def test_what_has_no_letter_is_nothing() -> None:
    assert not Hashed(16, 0)(["", "...", "—"]).any()
    assert Hashed(16, 0)([]).shape == (0, 16)


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=20))
def test_any_text_has_a_vector_of_length_one_or_none(text: str) -> None:
    length = float(np.linalg.norm(Hashed(64, 0)([text])[0]))
    assert length == pytest.approx(1, abs=1e-5) or length == 0


def test_runs_of_words_fit_into_a_network() -> None:
    assert list(_pieces([3, 3, 3, 9, 1], 6)) == [(0, 2), (2, 3), (3, 4), (4, 5)]
    assert list(_pieces([], 6)) == []


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    vocab = {name: i for i, name in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "##ly"])}
    raw = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]"))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    raw.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    PreTrainedTokenizerFast(tokenizer_object=raw, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]",
                            sep_token="[SEP]").save_pretrained(folder)  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertModel(BertConfig(vocab_size=7, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
                             intermediate_size=8, max_position_embeddings=12)).save_pretrained(folder)  # fmt: skip
    return folder


def test_an_encoder_reads_words_in_their_context(encoder: Path) -> None:
    read = Bert(encoder)
    vectors = read(["good", "badly", "bad"])
    assert vectors.shape == (3, 8)
    assert np.isfinite(vectors).all()
    assert not np.allclose(vectors[2], read(["bad", "badly", "good"])[0])  # places count
    assert read(["good"] * 30).shape == (30, 8)  # more than it can hold at once


def test_a_folder_that_holds_no_encoder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"hidden_size": 3}))
    with pytest.raises(BadInput, match="holds no encoder of transformers"):
        Bert(tmp_path)
