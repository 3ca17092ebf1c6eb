"""The protection of accounts that must stay as they are, with the reasons that the pages show."""

from collections.abc import Collection

from django.contrib import messages

from chat.accounts import administrators
from chat.models import User
from chat.room.ranks import may_act_on
from chat.room.refusal import RefusalCode, Refused

MAX_NAMED = 10  # people in one sentence
REASONS = {
    RefusalCode.OWN_RIGHTS: "You cannot lock yourself out; another administrator can.",
    RefusalCode.LAST_ADMINISTRATOR: (
        "{user} is the last active administrator. Make somebody else an administrator first."
    ),
}


def is_protected(request, user: User) -> bool:
    """Return whether an account must stay as it is; if so, show the reason on the next page.

    For actions that change what the owner of an account may do, such as its deactivation.
    """
    if may_act_on(request.user, user):
        reason = reason_to_keep_rights(user, request.user)
    else:
        reason = f"{user} is a staff member or moderates the site; only a superuser may do that."
    if reason:
        messages.error(request, reason)
    return bool(reason)


def reason_to_keep_rights(user: User, editor: User) -> str | None:
    """Return why `editor` must not end the rights of an administrator, or None if they may."""
    try:
        administrators.check_may_lose_rights(user, by=editor)
    except Refused as refusal:
        return REASONS[refusal.code].format(user=user)
    return None


def tell_spared(request, names: Collection[str]) -> None:
    """Name on the next page the people on whom nothing was done because of their rank."""
    if names:
        shown = sorted(names)[:MAX_NAMED]
        others = [f"{len(names) - MAX_NAMED} more"] if len(names) > MAX_NAMED else []
        text = f"Your rank is not higher than that of: {', '.join([*shown, *others])}."
        messages.warning(request, text)
