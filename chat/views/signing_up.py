"""Signing up, and creating the first administrator."""

from abc import ABC, abstractmethod

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from chat.accounts import first_administrator, lifecycle, sessions, throttling
from chat.forms import NAME_TAKEN, NewAccountForm, SignUpForm
from chat.models import User
from chat.views.requester import requester_of
from chat.views.throttled import ThrottledFormMixin, remember_browser


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
        old_session_key = self.request.session.session_key
        login(self.request, user)
        # Another user may have been signed in with this browser.
        sessions.disconnect_ended_session(old_session_key)
        response = super().form_valid(form)
        remember_browser(self.request, response, user)
        return response


@method_decorator(sensitive_post_parameters(), name="dispatch")
class SignUpView(NewAccountView):
    template_name = "accounts/signup.html"
    form_class = SignUpForm

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            return redirect("home")
        if settings.SIGNUP == "closed":
            status = 403 if request.method == "POST" else 200
            return self.render_to_response({"closed": True}, status=status)
        return super().dispatch(request, *args, **kwargs)

    def create(self, username, password, email):
        with throttling.signing_up(self.address):
            return lifecycle.sign_up(username, password, email, requester_of(self.request))


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
