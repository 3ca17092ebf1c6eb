"""The pages on which users change or delete their own account."""

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.mixins import LoginRequiredMixin
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView

from chat.accounts import lifecycle
from chat.accounts.sessions import RenewedSession
from chat.forms import ChangeEmailForm, ChangePasswordForm, CurrentPasswordForm
from chat.room.refusal import RefusalCode, Refused
from chat.views.throttled import AttemptLimitMixin
from chatsite import __version__

REFUSALS = {
    RefusalCode.LAST_ADMINISTRATOR: (
        "You are the last administrator. Make somebody else an administrator first."
    ),
}


class AccountView(LoginRequiredMixin, TemplateView):
    template_name = "accounts/account.html"
    extra_context = {"version": __version__}


class OwnAccountView(LoginRequiredMixin, AttemptLimitMixin, FormView):
    """A form about one's own account, which needs its password."""

    success_url = reverse_lazy("account")
    success_message = ""

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
            self.request.user, form.cleaned_data["password1"], self.renew_session
        )
        return super().form_valid(form)

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
        lifecycle.change_email(self.request.user, form.cleaned_data["email"])
        return super().form_valid(form)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class DeleteAccountView(OwnAccountView):
    template_name = "accounts/delete.html"
    form_class = CurrentPasswordForm
    success_url = reverse_lazy("login")
    success_message = "Your account is deleted."

    def form_valid(self, form):
        try:
            lifecycle.delete(self.request.user)
        except Refused as refusal:
            form.add_error(None, REFUSALS[refusal.code])
            return self.form_invalid(form)
        # After the deletion, so that the owner is still signed in and can repeat it if it fails.
        logout(self.request)
        return super().form_valid(form)
