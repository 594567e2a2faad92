"""What is wrong with a field, in the reader's language.

The sentences are the API's own, which `service/` says in English whoever asks. What they name is
found in them again by their pattern; one that is not known here stays as it is.
"""

import re
from collections.abc import Callable

from doorstep.web.dashboard.wording import _

FAULTS = (
    _("is required."),
    _("cannot be empty."),
    _("is too long."),
    _("is longer than %(most)s characters."),
    _("must be one line of printable characters."),
    _("must be one of %(words)s."),
    _("is none of %(words)s."),
    _("must be a number."),
    _("must not be negative."),
    _("must be a whole number from %(lowest)s to %(highest)s."),
    _("must be a time such as 2024-01-15T10:30:00Z."),
    _("is not a time such as 2024-01-15T10:30:00Z."),
    _("is not a time: %(error)s."),
    _("lies outside the years %(first)s to %(last)s."),
    _("never was: the clocks went forward past it."),
    _("must be lower-case letters, digits and '-', 60 at most."),
    _("cannot be %(slug)s, where other pages begin."),
    _("%(zone)s is not the name of a time zone such as Europe/Vienna."),
    _("must be a language such as de or de-AT."),
    _("must be # and six hexadecimal digits, such as #0a7d5c."),
    _("must be an http or https URL such as https://shop.example/webhooks."),
    _("must not hold a user or a password."),
    _("must not hold a fragment (#)."),
    _("must have a port from 1 to 65535, or none."),
    _("must name a host."),
    _("leads to %(address)s, which is neither a public address nor in an allowed network."),
    _("must give the address in full: %(address)s."),
    _("must be letters, digits, '.', '_' or '-', 63 at most."),
    _("must be http or https and hold {tracking_code}."),
    _("must be a list of two-letter country codes."),
    _("One of after and since is required."),
    _("lies beyond the newest event, whose sequence is %(sequence)s."),
    _("leaves no event up to sequence %(sequence)s."),
    _("belongs to another account."),
    _("is more than 24 hours ahead of the clock."),
    _("The account has %(count)s webhook endpoints already."),
    _("%(count)s secrets sign already; overlap_hours 0 ends them."),
    _("%(count)s replays are on their way to this endpoint."),
)

NAMED = re.compile(r"%\\\((\w+)\\\)s")
PATTERNS = {
    text: re.compile(NAMED.sub(r"(?P<\1>.*)", re.escape(text)), re.DOTALL) for text in FAULTS
}


def fault_text(message: str, say: Callable[[str], str]) -> str:
    for text, pattern in PATTERNS.items():
        found = pattern.fullmatch(message)
        if found is not None:
            return say(text) % found.groupdict()
    return message
