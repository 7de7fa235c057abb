"""What the original environment does that one may doubt: each quirk by name, kept or offered, and why."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, get_args, get_type_hints

from talkoot.errors import BadInput


@dataclass(frozen=True)
class Quirks:
    """Named options of the rules. The defaults are what C-WAH's recorded runs show, crashes left out.

    Told elsewhere because they are not rules of the world: that goal things never lie in kitchen cabinets is a rule of
    `sample`, that the goal's place is seen by class and not by id one of `view.relevant`, and that an agent with both
    hands full does not open the goal container one of its skills. The message limit is an option of the world.
    """

    conflict: Literal["random", "first"] = "random"
    """Kept. Where both act on the same thing in one step (walking apart), chance chooses who does; the other loses its
    step. "first": seat 0 does. Only the first id counts, so two people may fill one container in the same step
    (reference, 2.5 and 9.7)."""

    conflict_targets: Literal["first", "all"] = "first"
    """Kept. "all" also compares the place of putin and putback (reference, 9.7)."""

    putin_closed: Literal["never", "full", "always"] = "full"
    """Kept: who has both hands full may put something into a closed container, which stays closed. The rules say
    "never", but the recorded run in which it happened went on as if it had worked (reference, 2.5 and 9.6)."""

    approach: float = 0.7
    """Kept: in metres. Who grabs, opens or closes walks up to so far towards the thing in the same step, so that what
    is slightly out of reach is reached too; putting walks only if it must. Recorded: 0.74 m on average for grab, 0.73 m
    for open, 0.05 m for putin, and things up to 1.88 m away (data README; reference, 2.5). 0: nobody moves."""

    open_tops: bool = False
    """Kept: what is inside something that cannot be opened (a bookshelf, a basket) is not seen, since only what stands
    open shows its inside (reference, 2.4). True: it is seen."""

    put_anywhere: bool = False
    """Offered: True lets putback name what is no surface and putin what is no container, as the original's symbolic
    rules do, which check neither (reference, 2.5)."""

    loose_grab: bool = False
    """Offered: True lets one grab what is close to something that is within reach, the "loose rule" of the original's
    symbolic rules (reference, 2.5); Unity walks there instead (see `approach`)."""

    walk: Literal["metre", "jump"] = "metre"
    """Kept: one metre a step. "jump": a walk takes one step whatever its length, as in the original's symbolic
    simulator; episodes shrink to about a third (reference, 2.6)."""

    unstick: bool = False
    """Offered: True replaces the action of a person who has walked in more than four steps and moved less than 0.5 m in
    the last four by a walk to a random room. Against Unity's jams; nobody gets stuck here (reference, 2.5)."""

    reopen: Literal["fails", "error"] = "fails"
    """Mended: opening what is open costs the step. "error" raises IllegalAction, as the original stops with a failed
    assertion (reference, 2.5)."""

    open_grows: float = 0.0
    """Offered: in metres. The box of an open container counts as so much larger to each side when reach is judged:
    Unity's boxes grow with the open door (reference, 2.3)."""

    echo: bool = False
    """Offered: True delivers messages to their sender too, as the original does; the contract of a world says that they
    reach others (reference, 9.8)."""


DEFAULT = Quirks()


def make_quirks(options: dict[str, Any]) -> Quirks:
    """Quirks from options by name; raises BadInput for an unknown name or a value that makes no sense."""
    hints = get_type_hints(Quirks)
    for name, value in options.items():
        if name not in hints:
            known = ", ".join(field.name for field in fields(Quirks))
            raise BadInput(f"the household has no option {name!r}; its quirks are {known}")
        choices = get_args(hints[name])
        if choices and value not in choices:
            raise BadInput(f"{name}={value!r}: known are {', '.join(choices)}")
        if hints[name] is bool and not isinstance(value, bool):
            raise BadInput(f"{name}={value!r}: give True or False")
        if hints[name] is float and (
            isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 5
        ):
            raise BadInput(f"{name}={value!r}: give metres from 0 to 5")
    return Quirks(**options)
