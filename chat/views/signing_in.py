"""Signing in and out."""

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from chat.accounts import sessions
from chat.forms import SignInForm
from chat.models import User
from chat.views.throttled import AttemptLimitMixin


@method_decorator(sensitive_post_parameters(), name="dispatch")
class SignInView(AttemptLimitMixin, LoginView):
    template_name = "accounts/login.html"
    form_class = SignInForm
    redirect_authenticated_user = True

    def attempt_key(self):
        return self.address, self.request.POST.get("username", "")

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            signup_open=settings.SIGNUP == "open",
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
        response = super().post(request, *args, **kwargs)
        sessions.disconnect_ended_session(session_key, user_id)
        return response
