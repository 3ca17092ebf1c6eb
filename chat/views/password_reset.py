"""Resetting a forgotten password by email."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import PasswordResetConfirmView
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView

from chat.accounts import known_browsers, password_reset, throttling
from chat.forms import RequestResetForm, ResetPasswordForm
from chat.views.requester import requester_of
from chat.views.site_url import site_url
from chat.views.throttled import ThrottledFormMixin, remember_browser

QUEUE_RETRY = 60  # seconds


class NeedsMailMixin:
    """A page of a site that sends mail. Without mail it says how to get a new password instead."""

    def dispatch(self, request, *args, **kwargs):
        if settings.SENDS_MAIL:
            return super().dispatch(request, *args, **kwargs)
        return render(request, "accounts/reset_without_mail.html")


class RequestResetView(NeedsMailMixin, ThrottledFormMixin, FormView):
    template_name = "accounts/reset.html"
    form_class = RequestResetForm
    success_url = reverse_lazy("reset_sent")

    def account_name(self):
        return ""  # the form has an email address, and says nothing about an account

    def form_valid(self, form):
        asked = password_reset.ResetRequest(
            email=form.cleaned_data["email"],
            requester=requester_of(self.request),
            browser=self.request.COOKIES.get(known_browsers.COOKIE, ""),
            site_url=site_url(self.request),
        )
        try:
            password_reset.request(asked)
        except throttling.TooManyAttempts as error:
            return self.ask_to_wait(error)
        except password_reset.QueueFull:
            return self.refuse(form)
        return super().form_valid(form)

    def refuse(self, form):
        """Tell that no mail can be sent now, as a response with status 503."""
        form.add_error(None, "No mail can be sent at the moment. Please try again in a minute.")
        headers = {"Retry-After": str(QUEUE_RETRY)}
        context = self.get_context_data(form=form)
        return self.render_to_response(context, status=503, headers=headers)


class ResetSentView(NeedsMailMixin, TemplateView):
    template_name = "accounts/reset_sent.html"


@method_decorator(sensitive_post_parameters(), name="dispatch")
class ConfirmResetView(ThrottledFormMixin, PasswordResetConfirmView):
    template_name = "accounts/reset_confirm.html"
    form_class = ResetPasswordForm
    success_url = reverse_lazy("login")

    def account_name(self):
        return self.user.get_username()

    def form_valid(self, form):
        form.requester = requester_of(self.request)
        try:
            with throttling.setting_password(self.address, self.account_name()):
                response = super().form_valid(form)
        except throttling.TooManyAttempts as error:
            return self.ask_to_wait(error)
        messages.success(self.request, "Your new password is set. Sign in with it.")
        remember_browser(self.request, response, self.user)
        return response
