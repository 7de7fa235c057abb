"""Flat tyres to be replaced; every instance is solvable, hub after hub."""

from __future__ import annotations

from random import Random

from talkoot.problem import Atom, Condition, Problem


def generate(size: int, seed: int) -> tuple[str, Problem]:
    """A description in words and its problem, of `size` hubs with a flat tyre each."""
    rng = Random(seed)
    hubs, nuts, flat, spare = ([f"{stem}{number}" for number in range(1, size + 1)]
                               for stem in ("hub", "nut", "flat", "spare"))  # fmt: skip
    is_open = rng.random() < 0.3
    full = {wheel for wheel in spare if rng.random() < 0.2}
    init: list[Atom] = [("unlocked", "boot"), ("open" if is_open else "closed", "boot")]
    init += [("in", thing, "boot") for thing in ("wrench", "jack", "pump", *spare)]
    init += [("intact", wheel) for wheel in spare]
    init += [("inflated" if wheel in full else "not-inflated", wheel) for wheel in spare]
    for hub, nut, wheel in zip(hubs, nuts, flat, strict=True):
        init += [("on", wheel, hub), ("tight", nut, hub), ("on-ground", hub), ("fastened", hub)]
    pairs = list(zip(rng.sample(spare, size), hubs, strict=True))
    goal: list[Condition] = [("on", wheel, hub) for wheel, hub in pairs]
    goal += [("inflated", wheel) for wheel in spare]
    goal += [("tight", nut, hub) for nut, hub in zip(nuts, hubs, strict=True)]
    goal += [("in", thing, "boot") for thing in ("wrench", "jack", "pump", *flat)]
    goal.append(("closed", "boot"))
    objects = {
        "boot": "container", **dict.fromkeys(hubs, "hub"), **dict.fromkeys(nuts, "nut"),
        **dict.fromkeys([*flat, *spare], "wheel"),
    }  # fmt: skip
    problem = Problem(f"tyreworld-{size}-{seed}", "tyreworld", objects, tuple(init), ("and", *goal))

    empty = [wheel for wheel in spare if wheel not in full]
    be, s = ("is", "") if size == 1 else ("are", "s")
    lines = [f"There {be} {size} hub{s}, {size} nut{s} and {size} flat tyre{s}. The container is called boot.",
             f"The hub{s} {be} called {_list(hubs)}. The nut{s} {be} called {_list(nuts)}.",
             f"The wheels are called {_list([*flat, *spare])}.",
             f"{_list(spare)} {be} intact. {_list(flat)} {be} flat.",
             f"Wrench, jack and pump are in the boot. {_list(spare)} {be} in the boot.",
             f"The boot is unlocked and {'open' if is_open else 'closed'}.",
             f"The hub{s} {be} on the ground and fastened."]  # fmt: skip
    for wheels, state in (([wheel for wheel in spare if wheel in full], "inflated"), (empty, "not inflated")):
        if wheels:
            lines.append(f"{_list(wheels)} {'is' if len(wheels) == 1 else 'are'} {state}.")
    about = [f"{wheel} is on {hub}." for wheel, hub in zip(flat, hubs, strict=True)]
    about += [f"{nut} is tight on {hub}." for nut, hub in zip(nuts, hubs, strict=True)]
    rng.shuffle(about)
    wish = [f"{wheel} {rng.choice(('should', 'must'))} be on {hub}." for wheel, hub in pairs]
    wish += [f"{nut} should be tight on {hub}." for nut, hub in zip(nuts, hubs, strict=True)]
    rng.shuffle(wish)
    lines += [*about, rng.choice(("The goal is to replace the flat tyres.", "This is the goal:")), *wish]
    lines += [f"{_list(spare)} must be inflated.", f"Wrench, jack, pump, {_list(flat)} should be in the boot.",
              "The boot should be closed."]  # fmt: skip
    return "\n".join(lines) + "\n", problem


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
