"""The errors that talkoot raises on purpose. Each message names the thing, the place and the way out."""


class TalkootError(Exception):
    """Root of all errors that a user can mend; the command line prints its message and exits with `exit_code`."""

    exit_code = 2


class BadInput(TalkootError):
    """What was asked for does not exist or makes no sense: an unknown layout, a malformed file, a wrong option."""


class IllegalAction(TalkootError):
    """An action that the world does not know, or one for a seat that nobody holds."""


class CorruptRecord(TalkootError):
    """A run folder, an episode file or a recording that cannot be read as what it should be."""

    exit_code = 3


class ModelFailed(TalkootError):
    """A language model could not be reached, refused, or never gave a usable answer."""

    exit_code = 4


class NetworkForbidden(ModelFailed):
    """A network model was called while `TALKOOT_NO_NETWORK_MODELS` (or the test switch) forbids it."""


class BudgetSpent(TalkootError):
    """The agreed number of calls or tokens is used up; everything done so far is on disk."""

    exit_code = 5


class Stopped(TalkootError):
    """The user stopped it (Ctrl-C); everything done so far is on disk."""

    exit_code = 130


class FaultyPddl(TalkootError):
    """PDDL that cannot be read, or has faults that nobody mended."""

    exit_code = 15


class Doubtful(TalkootError):
    """The description and the problem written from it say different things, or it names what the domain lacks."""

    exit_code = 8


class Unsolvable(TalkootError):
    """It is proven that no plan reaches the goal."""

    exit_code = 9


class EmptyReply(TalkootError):
    """A language model answered nothing that holds a problem or a plan."""

    exit_code = 10


class CutReply(TalkootError):
    """A language model's answer ended at its token limit, before the problem did."""

    exit_code = 11


class PlannerFailed(TalkootError):
    """A planner's process was killed, crashed or could not be started."""

    exit_code = 12


class GaveUp(TalkootError):
    """No plan was found within the limits of time and memory."""

    exit_code = 13


class InvalidPlan(TalkootError):
    """A plan that cannot be carried out or misses the goal."""

    exit_code = 14
