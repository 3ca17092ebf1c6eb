"""Mixins for form views that limit how often a form can be submitted."""

from django.conf import settings
from django.forms import PasswordInput
from django.http import HttpRequest, HttpResponseBase

from chat.accounts import events, known_browsers, throttling
from chat.accounts.events import Kind
from chat.models import User
from chat.views.requester import requester_of


class ThrottledFormMixin:
    """A form view that can ask its visitor to wait."""

    @property
    def address(self) -> str:
        return self.request.META.get("REMOTE_ADDR") or ""

    def ask_to_wait(self, error: throttling.TooManyAttempts):
        """Show the form again with the time to wait, as a response with status 429."""
        self.record(Kind.THROTTLED, error.limit)
        seconds = error.retry_after
        form = self.form_class(
            **{
                **self.get_form_kwargs(),
                "data": None,
                "files": None,
                "initial": self.typed_values(),
            }
        )
        wait = f"{-(-seconds // 60)} minutes" if seconds > 60 else f"{seconds} seconds"
        context = self.get_context_data(form=form, wait=wait)
        headers = {"Retry-After": str(seconds)}
        return self.render_to_response(context, status=429, headers=headers)

    def record(self, kind: Kind, detail: str = "") -> None:
        """Record a security event about the account of the form."""
        events.record(kind, requester_of(self.request), self.account_name(), detail)

    def account_name(self) -> str:
        """Return the name of the account that the form is about, as it was typed."""
        return self.request.POST.get("username", "")

    def typed_values(self) -> dict[str, object]:
        """Return the submitted values except passwords, which must not appear in a page."""
        submitted = self.request.POST
        return self.get_initial() | {
            name: submitted[name]
            for name, field in self.form_class.base_fields.items()
            if name in submitted and not isinstance(field.widget, PasswordInput)
        }


class PasswordLimitMixin(ThrottledFormMixin):
    """A form view that limits how often the password of an account can be guessed.

    `password_error` is the field that has an error if the password was wrong; NON_FIELD_ERRORS for
    the whole form.
    """

    password_error = "password"
    failure = ""  # where the password was wrong, if not on the sign-in page

    def post(self, request, *args, **kwargs):
        browser = request.COOKIES.get(known_browsers.COOKIE, "")
        try:
            with throttling.checking_password(
                self.address, self.account_name(), browser
            ) as self.attempt:
                return super().post(request, *args, **kwargs)
        except throttling.TooManyAttempts as error:
            return self.ask_to_wait(error)

    def form_valid(self, form):
        self.attempt.note_right_password()
        return super().form_valid(form)

    def form_invalid(self, form):
        if self.password_error in form.errors:
            self.record(Kind.SIGN_IN_FAILED, self.failure)
        return super().form_invalid(form)


def remember_browser(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Make the browser that gets a response a known one of an account."""
    response.set_cookie(
        known_browsers.COOKIE,
        known_browsers.remembered(user, request.COOKIES.get(known_browsers.COOKIE, "")),
        max_age=known_browsers.KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
