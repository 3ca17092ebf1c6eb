"""The pages on which users change or delete their own account."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.mixins import LoginRequiredMixin
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView

from chat.accounts import access_keys, lifecycle
from chat.accounts.sessions import RenewedSession
from chat.forms import ChangeEmailForm, ChangePasswordForm, CurrentPasswordForm
from chat.room import ignoring, moderation_entries, reports
from chat.room.refusal import RefusalCode, Refused
from chat.views.requester import requester_of
from chat.views.throttled import PasswordLimitMixin, remember_browser
from chatsite import __version__

REFUSALS = {
    RefusalCode.LAST_ADMINISTRATOR: (
        "You are the last administrator. Make somebody else an administrator first."
    ),
}


class AccountView(LoginRequiredMixin, TemplateView):
    template_name = "accounts/account.html"
    extra_context = {"version": __version__}

    def get_context_data(self, **kwargs):
        keys = access_keys.of_account(self.request.user)
        return super().get_context_data(
            access_keys=keys,
            ignored=sorted(ignoring.of_account(self.request.user.pk).values(), key=str.lower),
            entries=moderation_entries.about(self.request.user),
            moderates=reports.moderates(self.request.user),
            **kwargs,
        )


class OwnAccountView(LoginRequiredMixin, PasswordLimitMixin, FormView):
    """A form about one's own account, which needs its password."""

    success_url = reverse_lazy("account")
    success_message = ""
    failure = "on the account page"

    def account_name(self):
        return self.request.user.get_username()

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "user": self.request.user}

    def form_valid(self, form):
        messages.success(self.request, self.success_message)
        return super().form_valid(form)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class ChangePasswordView(OwnAccountView):
    template_name = "accounts/password.html"
    form_class = ChangePasswordForm
    success_message = "Your password is changed. You are signed out everywhere else."

    def form_valid(self, form):
        lifecycle.set_password(
            self.request.user,
            form.cleaned_data["password1"],
            self.renew_session,
            requester_of(self.request),
        )
        response = super().form_valid(form)
        remember_browser(self.request, response, self.request.user)
        return response

    def renew_session(self) -> RenewedSession:
        old_key = self.request.session.session_key
        update_session_auth_hash(self.request, self.request.user)
        # Django would save it after the response. Until then nobody would be signed in with the
        # new key, and a server process could end the connections that have it.
        self.request.session.save()
        return RenewedSession(old_key, self.request.session.session_key)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class ChangeEmailView(OwnAccountView):
    template_name = "accounts/email.html"
    form_class = ChangeEmailForm
    success_message = "Your email address is changed."

    def get_initial(self):
        return {"email": self.request.user.email}

    def form_valid(self, form):
        lifecycle.change_email(
            self.request.user, form.cleaned_data["email"], requester_of(self.request)
        )
        return super().form_valid(form)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class DeleteAccountView(OwnAccountView):
    template_name = "accounts/delete.html"
    form_class = CurrentPasswordForm
    extra_context = {"kept_days": settings.SECURITY_EVENT_DAYS}
    success_url = reverse_lazy("login")
    success_message = "Your account is deleted."

    def form_valid(self, form):
        try:
            lifecycle.delete(self.request.user, requester_of(self.request))
        except Refused as refusal:
            form.add_error(None, REFUSALS[refusal.code])
            return self.form_invalid(form)
        # After the deletion, so that the owner is still signed in and can repeat it if it fails.
        logout(self.request)
        return super().form_valid(form)
