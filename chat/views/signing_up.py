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
from chat.views.throttled import ThrottledFormMixin


class NewAccountView(ThrottledFormMixin, FormView, ABC):
    """Create an account, and sign the visitor in to it."""

    success_url = reverse_lazy("room")

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
        return super().form_valid(form)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class SignUpView(NewAccountView):
    template_name = "accounts/signup.html"
    form_class = SignUpForm

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            return redirect("room")
        if settings.SIGNUP == "closed":
            status = 403 if request.method == "POST" else 200
            return self.render_to_response({"closed": True}, status=status)
        return super().dispatch(request, *args, **kwargs)

    def create(self, username, password, email):
        throttling.count_sign_up(self.address)
        try:
            return lifecycle.sign_up(username, password, email)
        except Exception:
            throttling.forget_sign_up(self.address)
            raise


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
            return first_administrator.create(self.token, username, password, email)
        except first_administrator.InvalidToken:
            raise Http404 from None
