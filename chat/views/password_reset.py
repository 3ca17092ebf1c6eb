"""Resetting a forgotten password by email."""

from django.contrib import messages
from django.contrib.auth.views import PasswordResetConfirmView, PasswordResetView
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import TemplateView

from chat.forms import RequestResetForm, ResetPasswordForm
from chat.views.throttled import AttemptLimitMixin


class RequestResetView(AttemptLimitMixin, PasswordResetView):
    template_name = "accounts/reset.html"
    email_template_name = "accounts/reset_email.txt"
    subject_template_name = "accounts/reset_subject.txt"
    form_class = RequestResetForm
    success_url = reverse_lazy("reset_sent")
    success_resets_count = False

    def attempt_key(self):
        # Requests for one email address are counted together, whatever network they come from,
        # so that nobody can flood a mailbox.
        return "reset", self.request.POST.get("email", "")


class ResetSentView(TemplateView):
    template_name = "accounts/reset_sent.html"


@method_decorator(sensitive_post_parameters(), name="dispatch")
class ConfirmResetView(PasswordResetConfirmView):
    template_name = "accounts/reset_confirm.html"
    form_class = ResetPasswordForm
    success_url = reverse_lazy("login")

    def form_valid(self, form):
        messages.success(self.request, "Your new password is set. Sign in with it.")
        return super().form_valid(form)
