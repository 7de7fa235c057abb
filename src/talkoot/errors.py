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
