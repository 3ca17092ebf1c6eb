"""Applications: accounts of people who sign up and wait until staff approve them.

Such an account exists, so that nobody else takes the name, and is inactive until it is approved.
"""

import logging
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from chat.accounts import events, lifecycle
from chat.accounts.events import NOBODY, Kind, Requester
from chat.accounts.mail_queue import Letter, QueueFull, mails
from chat.models import Application, User
from chat.models.moderation import MAX_REASON
from chat.room import moderation_log, targets
from chat.room.moderation_log import (
    Action,
    Moderator,
    check_authority,
    clean_reason,
    clean_text,
)
from chat.room.ranks import Authority
from chat.room.refusal import RefusalCode, Refused

State = Application.State
HEADERS = {"Auto-Submitted": "auto-generated"}  # so that nothing answers it (RFC 3834)

logger = logging.getLogger(__name__)


# Applying


def apply(
    username: str, password: str, email: str, text: str, requester: Requester = NOBODY
) -> Application:
    """Create an account that waits for approval; `text` says why it asks. Raises NameTaken."""
    text = "\n".join(clean_text(line) for line in text.splitlines())
    user = lifecycle.new_user(username, password, email)
    user.is_active = False
    with transaction.atomic():
        lifecycle.save_new(user)
        application = Application.objects.create(
            user=user, text=text[:MAX_REASON], at=timezone.now()
        )
        events.record(Kind.SIGNED_UP, requester, user, "waits for approval")
    return application


def waiting() -> QuerySet[Application]:
    """Return the applications that wait, the oldest first.

    An account that was activated in another way, such as in the admin, waits no more.
    """
    found = Application.objects.filter(state=State.WAITING, user__is_active=False)
    return found.select_related("user").order_by("at", "pk")


def of_inactive(username: str, password: str) -> User | None:
    """Return the inactive account of somebody who has typed its name and its right password.

    It may have an application, and is not told to anybody else. Checking the password takes as long
    as at a sign-in, so it must be limited in the same way.
    """
    try:
        user = User.objects.get_by_natural_key(username)
    except User.DoesNotExist:
        return None
    return user if not user.is_active and user.check_password(password) else None


def sentence(user: User) -> str:
    """Return why the owner of an inactive account cannot sign in."""
    application = Application.objects.filter(user=user).first()
    if application is None or application.state == State.APPROVED:
        return "This account was deactivated. Ask the staff of the site about it."
    if application.state == State.WAITING:
        return "Your account waits for approval. Try again later: the staff will decide about it."
    reason = f": {application.reason}" if application.reason else "."
    return f"Your account was not approved{reason}"


# Deciding


def approve(
    moderator: Moderator, application_id: int, reason: str = "", site_url: str = ""
) -> Application:
    """Let the person of an application sign in, also after a rejection. Raises `Refused`.

    `site_url` is the address of the site, for the mail.
    """
    return _decide(moderator, application_id, State.APPROVED, reason, site_url)


def reject(
    moderator: Moderator, application_id: int, reason: str = "", site_url: str = ""
) -> Application:
    """Leave the account of an application inactive. Raises `Refused`."""
    return _decide(moderator, application_id, State.REJECTED, reason, site_url)


# The states from which a decision is possible, and its entry of the log.
DECISIONS = {
    State.APPROVED: ([State.WAITING, State.REJECTED], Action.APPROVE),
    State.REJECTED: ([State.WAITING], Action.REJECT),
}


@transaction.atomic
def _decide(moderator, application_id, state, reason, site_url):
    check_authority(moderator, Authority.SITE_MODERATOR)
    reason = clean_reason(reason)
    locked = Application.objects.select_for_update(of=("self",)).select_related("user")
    application = locked.filter(pk=application_id).first()
    if application is None:
        raise Refused(RefusalCode.NO_SUCH_ENTRY)
    earlier, action = DECISIONS[state]
    if application.state not in earlier or application.user.is_active:
        raise Refused(RefusalCode.DECIDED)
    application.state = state
    application.decided, application.decided_by = timezone.now(), moderator.name
    application.reason = reason
    application.save(update_fields=["state", "decided", "decided_by", "reason"])
    if state == State.APPROVED:
        _activate(application.user, moderator)
    target = targets.of_account(application.user)
    moderation_log.record(moderator, action, target, reason=reason)
    transaction.on_commit(partial(_tell, application, site_url), robust=True)
    return application


def _activate(user, moderator):
    """Let an account sign in that never could, so nothing from earlier has to end."""
    user.is_active = True
    user.save(update_fields=["is_active"])
    requester = Requester(moderator.address, account=moderator.user)
    events.record(Kind.RIGHTS_CHANGED, requester, user, "is_active: on (approved)")


# Telling


def _tell(application, site_url):
    if not (settings.SENDS_MAIL and application.user.email):
        return
    about = f"The mail about the application of {application.user.username}"
    letter = Letter(_message(application, site_url), about, lambda: None)
    try:
        mails().add(lambda: letter)
    except QueueFull:
        logger.warning("%s is not sent: too many mails wait", about)


def _message(application: Application, site_url: str) -> EmailMessage:
    context = {
        "name": application.user.username,
        "approved": application.state == State.APPROVED,
        "reason": application.reason,
        "link": site_url and site_url + reverse("login"),
    }
    subject = " ".join(render_to_string("accounts/application_subject.txt", context).split())
    body = render_to_string("accounts/application_email.txt", context)
    return EmailMessage(subject, body, to=[application.user.email], headers=HEADERS)
