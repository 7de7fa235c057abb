"""Chunk-reset search: a chunk that the judge rejects is thrown away and drawn again (StepWiser 2.10).

All problems advance together, one chunk a round: a batch for the policy, a batch for the judge. Every token is
counted, the judge's own too. How solutions that are there already are chosen from is in `judging.voting`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from talkoot.errors import BadInput
from talkoot.judge import Judge, Trace, Verdict
from talkoot.judging.dialect import CLOSE, OPEN, Dialect
from talkoot.judging.problem import Problem
from talkoot.learning.sampling import Completion, Prompt, Sampler


@dataclass(frozen=True, slots=True)
class TokenLedger:
    """Generated tokens: of chunks that were kept, of chunks that were thrown away, and of the judge. They add up."""

    accepted: int = 0
    rejected: int = 0
    judge: int = 0

    def __post_init__(self) -> None:
        if min(self.accepted, self.rejected, self.judge) < 0:
            raise BadInput(f"tokens cannot be fewer than none: {self.accepted}, {self.rejected}, {self.judge}")

    @property
    def policy(self) -> int:
        """What the policy generated, kept or not."""
        return self.accepted + self.rejected

    @property
    def total(self) -> int:
        """What was generated in all: the cost by which methods are compared."""
        return self.accepted + self.rejected + self.judge

    def __add__(self, other: TokenLedger) -> TokenLedger:
        return TokenLedger(
            self.accepted + other.accepted, self.rejected + other.rejected, self.judge + other.judge
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Solution:
    """A solution as it was drawn. `ended` is False where a limit cut it.

    `scores` are the judge's, one for each chunk that it was asked about; `forced` counts chunks that were kept though
    every attempt was rejected, `malformed` those that were not written between tags.
    """

    trace: Trace
    tokens: TokenLedger = field(default_factory=TokenLedger)
    ended: bool = True
    scores: tuple[float, ...] = ()
    forced: int = 0
    malformed: int = 0

    @property
    def text(self) -> str:
        """The solution without tags: what is graded."""
        return "".join(self.trace.chunks)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One draw: the chunk ("" where the model ended instead), and whether the solution ends with it."""

    chunk: str
    tokens: int
    last: bool
    cut: bool
    malformed: bool
    score: float = 0.0


@dataclass
class _Walk:
    """A problem on its way."""

    solution: Solution
    attempts: list[_Piece] = field(default_factory=list)
    done: bool = False

    def keep(self, piece: _Piece, *, judged: bool, forced: bool, solution_tokens: int, most_chunks: int) -> None:
        """Go on with a piece; the other attempts at this place are lost."""
        now = self.solution
        lost = sum(attempt.tokens for attempt in self.attempts) - piece.tokens
        kept = TokenLedger(piece.tokens, lost)
        trace = now.trace.then(piece.chunk) if piece.chunk or not piece.last else now.trace
        full = now.tokens.accepted + piece.tokens >= solution_tokens or len(trace.chunks) >= most_chunks
        self.solution = replace(
            now,
            trace=trace,
            tokens=now.tokens + kept,
            ended=piece.last and not piece.cut,
            scores=(*now.scores, piece.score) if judged else now.scores,
            forced=now.forced + forced,
            malformed=now.malformed + piece.malformed,
        )
        self.done = piece.last or full
        self.attempts = []


async def chunk_reset(
    problems: Sequence[Problem],
    sampler: Sampler,
    dialect: Dialect,
    judge: Judge | None,
    *,
    attempts: int = 5,
    fallback: Literal["best", "last"] = "best",
    temperature: float = 1.0,
    seed: int = 0,
    most_chunks: int = 256,
) -> list[Solution]:
    """Solve each problem chunk by chunk; what the judge rejects is drawn again, `attempts` times at most for a place.

    After the last attempt the one with the best score is kept ("best", the earlier one of equals), or the "last". A
    solution ends where the model ends it. It is cut, and `ended` False, at a draw of `dialect.chunk_tokens` without
    the closing tag (its text is kept and not judged), from `dialect.solution_tokens` kept tokens on, and at
    `most_chunks`. Text after the last tag is a chunk like the others; a chunk drawn twice at a place is judged once.

    First attempts are drawn with `seed` itself, so that a judge that accepts everything changes nothing: the result is
    that of `judge=None`, which is plain sampling chunk by chunk, and that of sampling whole solutions where draws
    depend on the text so far, or at temperature 0 (with attempts=1). A problem listed twice is solved the same way
    twice: take other seeds for more samples. Raises BadInput for temperature 0 with several attempts, which would draw
    the same chunk again, and what sampler and judge raise.
    """
    if attempts < 1 or fallback not in ("best", "last"):
        raise BadInput(
            f"chunk-reset takes attempts of 1 or more and a fallback best or last, not {attempts}, {fallback}"
        )
    if temperature <= 0 and attempts > 1 and judge is not None:
        raise BadInput(
            "at temperature 0 a rejected chunk is drawn again as it was; raise the temperature or attempts=1"
        )
    walks = [_Walk(Solution(Trace(problem.text))) for problem in problems]
    known: dict[Trace, Verdict] = {}
    while active := [walk for walk in walks if not walk.done]:
        drawn = sampler.complete(
            [
                Prompt(dialect.go_on(walk.solution.trace), 1, seed_of_attempt(seed, len(walk.attempts)))
                for walk in active
            ],
            max_tokens=dialect.chunk_tokens,
            stop=(CLOSE,),
            temperature=temperature,
        )
        pieces = [read_piece(draw[0]) for draw in drawn]
        traces = [walk.solution.trace.then(piece.chunk) for walk, piece in zip(active, pieces, strict=True)]
        asked = [judge is not None and not piece.cut and not (piece.last and not piece.chunk) for piece in pieces]
        fresh = dict.fromkeys(t for t, ask in zip(traces, asked, strict=True) if ask and t not in known)
        if judge is not None and fresh:
            known.update(zip(fresh, await judge(list(fresh)), strict=True))
        for walk, piece, trace, ask in zip(active, pieces, traces, asked, strict=True):
            good = True
            if ask:
                good, piece = known[trace].good, replace(piece, score=known[trace].score)
                # An equal draw at this place was paid for already. Other problems pay for themselves.
                if piece.chunk not in [attempt.chunk for attempt in walk.attempts]:
                    cost = TokenLedger(judge=known[trace].tokens)
                    walk.solution = replace(walk.solution, tokens=walk.solution.tokens + cost)
            walk.attempts.append(piece)
            if not good and len(walk.attempts) < attempts:
                continue
            if not good and fallback == "best":
                piece = max(walk.attempts, key=lambda attempt: attempt.score)
            walk.keep(
                piece,
                judged=ask,
                forced=not good,
                solution_tokens=dialect.solution_tokens,
                most_chunks=most_chunks,
            )
        places = {walk.solution.trace for walk in walks if not walk.done}
        known = {t: said for t, said in known.items() if Trace(t.problem, t.chunks[:-1]) in places}
    return [walk.solution for walk in walks]


def seed_of_attempt(seed: int, attempt: int) -> int:
    """The seed of a draw: `seed` itself for the first attempt at a place, others (below 2^31) for the further ones."""
    return seed if not attempt else (seed + attempt * 0x9E3779B1) % 2**31


def read_piece(drawn: Completion) -> _Piece:
    """A draw up to the closing tag, or to the model's end, as a chunk without tags."""
    text, opened, closed = drawn.text, drawn.text.startswith(OPEN), drawn.text.endswith(CLOSE)
    chunk = text.removeprefix(OPEN).removesuffix(CLOSE)
    if closed:
        return _Piece(chunk, drawn.tokens, last=False, cut=False, malformed=not opened or OPEN in chunk or not chunk)
    rest = chunk if chunk.strip() else ""
    return _Piece(rest, drawn.tokens, last=True, cut=not drawn.ended, malformed=opened or bool(rest))
