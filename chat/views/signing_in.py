"""Signing in and out."""

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView, redirect_to_login
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from chat.accounts import events, sessions
from chat.accounts.events import Kind
from chat.forms import INACTIVE, SignInForm
from chat.models import User
from chat.views.requester import requester_of
from chat.views.throttled import PasswordLimitMixin, remember_browser


@method_decorator(sensitive_post_parameters(), name="dispatch")
class SignInView(PasswordLimitMixin, LoginView):
    template_name = "accounts/login.html"
    form_class = SignInForm
    redirect_authenticated_user = True
    password_error = NON_FIELD_ERRORS

    def form_valid(self, form):
        response = super().form_valid(form)
        remember_browser(self.request, response, form.get_user())
        events.record(Kind.SIGNED_IN, requester_of(self.request), form.get_user())
        return response

    def form_invalid(self, form):
        if form.has_error(NON_FIELD_ERRORS, INACTIVE):
            self.attempt.note_right_password()
            self.failure = "the account is inactive"
        return super().form_invalid(form)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            signup_open=settings.SIGNUP != "closed",
            # Only the first look at the page needs the hint for a new site.
            has_accounts=self.request.method != "GET" or User.objects.exists(),
            **kwargs,
        )


def admin_sign_in(request: HttpRequest) -> HttpResponseRedirect:
    """Redirect from the sign-in page of the admin site to ours, which limits attempts."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next") or reverse("admin:index"))


class SignOutView(LogoutView):
    def post(self, request, *args, **kwargs):
        session_key, user_id = request.session.session_key, request.user.pk
        if user_id:
            events.record(Kind.SIGNED_OUT, requester_of(request), request.user)
        response = super().post(request, *args, **kwargs)
        sessions.disconnect_ended_session(session_key, user_id)
        return response
