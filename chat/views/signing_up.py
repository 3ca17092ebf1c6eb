"""Signing up, also with an invitation or an application, and creating the first administrator."""

from abc import ABC, abstractmethod

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView

from chat.accounts import (
    applications,
    first_administrator,
    invitations,
    lifecycle,
    sessions,
    throttling,
)
from chat.forms import NAME_TAKEN, ApplicationForm, NewAccountForm, SignUpForm
from chat.models import User
from chat.room import sanctions
from chat.room.refusal import Refused
from chat.views.requester import requester_of
from chat.views.room_forms import refusal_text
from chat.views.throttled import ThrottledFormMixin, remember_browser

CLOSED = "Sign-up is closed on this site. Ask an administrator for an account."
BY_INVITATION = (
    "You need an invitation to sign up on this site. Its staff can send you a link with which you "
    "make your account."
)
UNUSABLE = {
    invitations.State.UNKNOWN: "This invitation does not exist, or it was revoked.",
    invitations.State.EXPIRED: "This invitation has expired.",
    invitations.State.USED_UP: "This invitation was used as often as it may be.",
}


def is_open_to_strangers() -> bool:
    """Return whether people without an invitation can sign up or apply."""
    return settings.SIGNUP in ("open", "approve")


class NewAccountView(ThrottledFormMixin, FormView, ABC):
    """Create an account, and sign the visitor in to it."""

    success_url = reverse_lazy("home")

    @abstractmethod
    def create(self, username: str, password: str, email: str) -> User:
        """Create the account. Raises NameTaken, or TooManyAttempts."""

    def form_valid(self, form):
        values = form.cleaned_data
        try:
            user = self.create(values["username"], values["password1"], values["email"])
        except throttling.TooManyAttempts as error:
            return self.ask_to_wait(error)
        except lifecycle.NameTaken:
            form.add_error("username", NAME_TAKEN)
            return self.form_invalid(form)
        if not user.is_active:
            return redirect("application_sent")
        old_session_key = self.request.session.session_key
        login(self.request, user)
        # Another user may have been signed in with this browser.
        sessions.disconnect_ended_session(old_session_key)
        response = super().form_valid(form)
        remember_browser(self.request, response, user)
        return response


class StrangersView(NewAccountView):
    """A page on which strangers sign up."""

    template_name = "accounts/signup.html"
    form_class = SignUpForm

    def dispatch(self, request, *args, **kwargs):
        if sanction := sanctions.banned_from_site(address=self.address):
            return self.refuse(sanctions.sentence(sanction), status=403)
        return super().dispatch(request, *args, **kwargs)

    def refuse(self, sentence: str, status: int, **context):
        """Show a sentence in the place of the form."""
        return self.render_to_response({"refusal": sentence, **context}, status=status)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class SignUpView(StrangersView):
    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            return redirect("home")
        if not is_open_to_strangers():
            sentence = CLOSED if settings.SIGNUP == "closed" else BY_INVITATION
            return self.refuse(sentence, status=403 if request.method == "POST" else 200)
        if settings.SIGNUP == "approve":
            self.form_class = ApplicationForm
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form):
        self.reason = form.cleaned_data.get("reason")
        return super().form_valid(form)

    def create(self, username, password, email):
        requester = requester_of(self.request)
        with throttling.signing_up(self.address):
            if self.reason is None:
                return lifecycle.sign_up(username, password, email, requester)
            return applications.apply(username, password, email, self.reason, requester).user


class ApplicationSentView(TemplateView):
    """Tell that a new account waits for approval."""

    template_name = "accounts/application_sent.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(sends_mail=settings.SENDS_MAIL, **kwargs)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class InvitationView(StrangersView):
    """Follow an invitation: strangers sign up, and members of the site go into its room."""

    def dispatch(self, request, *args, token, **kwargs):
        self.token = token
        try:
            self.invitation = invitations.find(token)
            if request.user.is_authenticated:
                return self.follow() if request.method == "POST" else self.offer()
            if settings.SIGNUP == "closed":
                return self.refuse(CLOSED, status=403)
            return super().dispatch(request, *args, **kwargs)
        except invitations.Unusable as error:
            return self.refuse(
                UNUSABLE[error.state],
                status=404 if error.state is invitations.State.UNKNOWN else 410,
                invites=True,
                signup_open=is_open_to_strangers(),
            )

    def offer(self):
        """Ask a member of the site for a click: following a link must change nothing by itself."""
        self.template_name = "accounts/invitation.html"
        return self.render_to_response({"invitation": self.invitation})

    def follow(self):
        try:
            room = invitations.follow(self.token, self.request.user)
        except Refused as refusal:
            return self.refuse(refusal_text(refusal), status=403)
        return redirect("room", room.slug) if room is not None else redirect("home")

    def get_context_data(self, **kwargs):
        return super().get_context_data(invitation=self.invitation, **kwargs)

    def create(self, username, password, email):
        with throttling.signing_up(self.address):
            user, room = invitations.sign_up(
                self.token, username, password, email, requester_of(self.request)
            )
        if room is not None:
            self.success_url = reverse("room", args=[room.slug])
        return user


@method_decorator(sensitive_post_parameters(), name="dispatch")
class FirstAdministratorView(NewAccountView):
    template_name = "accounts/first.html"
    form_class = NewAccountForm

    def dispatch(self, request, *args, token, **kwargs):
        if not first_administrator.is_valid(token):
            raise Http404
        self.token = token
        return super().dispatch(request, *args, **kwargs)

    def create(self, username, password, email):
        try:
            with throttling.setting_password(self.address, "the first administrator"):
                return first_administrator.create(
                    self.token, username, password, email, requester_of(self.request)
                )
        except first_administrator.InvalidToken:
            raise Http404 from None
