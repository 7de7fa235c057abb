"""Frozen values made quickly: what a household makes in every step is made several times as fast as by its class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, make_dataclass
from typing import Any, TypeVar

T = TypeVar("T")


def maker(kind: type[T]) -> Callable[..., T]:
    """A constructor for a frozen dataclass with slots and without `__post_init__`; it takes every field, none default.

    A frozen dataclass sets its fields one by one past its own guard, which takes most of the time of its making. Here a
    twin without a guard is filled, and then declared to be the real thing, which has the same slots.
    """

    def turn(twin: Any) -> None:
        twin.__class__ = kind

    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    made: Callable[..., T] = make_dataclass(kind.__name__, names, slots=True, namespace={"__post_init__": turn})
    return made
