"""The website's doors: they translate between pages and `chat.accounts`, and hold no rules."""

from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth import views as auth
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.forms import PasswordInput
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView

from chat import accounts, forms, models
from chat.live import process

never_logged = method_decorator(sensitive_post_parameters(), name="dispatch")


# The browser finds one module's imports after the other; told of all, it loads them at once.
SCRIPTS = {script.name for script in Path(settings.BASE_DIR, "static", "chat").glob("*.js")}
MODULES = sorted(f"chat/{name}" for name in SCRIPTS - {"room.js", "sign-out.js"})


class Room(LoginRequiredMixin, TemplateView):
    template_name = "room.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(room=models.Room.first(), modules=MODULES, **kwargs)


class Account(LoginRequiredMixin, TemplateView):
    template_name = "accounts/account.html"


def ready(request):
    """Whether new visitors should be sent to this process: 200, or 503 from the stop on."""
    if process.is_ready():
        return HttpResponse("ready\n", content_type="text/plain")
    return HttpResponse("not ready\n", content_type="text/plain", status=503)


# Tries that are counted


class Counted:
    """A form of which there may be so many in a time; then one must wait."""

    @property
    def address(self):
        return self.request.META.get("REMOTE_ADDR", "")

    def told_to_wait(self, seconds):
        form = self.form_class(
            **{**self.get_form_kwargs(), "data": None, "files": None, "initial": self.typed()}
        )
        wait = f"{-(-seconds // 60)} minutes" if seconds > 60 else f"{seconds} seconds"
        context = self.get_context_data(form=form, wait=wait)
        headers = {"Retry-After": str(seconds)}
        return self.render_to_response(context, status=429, headers=headers)

    def typed(self):
        """What need not be typed again: all but passwords, which are to be nowhere else."""
        given = self.request.POST
        return self.get_initial() | {
            name: given[name]
            for name, field in self.form_class.base_fields.items()
            if name in given and not isinstance(field.widget, PasswordInput)
        }


class Guessed(Counted):
    """A form whose tries are counted: after too many of them one must wait."""

    forgiven = True  # a try that succeeds wipes out those before it

    def guess(self):
        """(who guesses, what is guessed at)"""
        return self.address, self.request.user.get_username()

    def post(self, request, *args, **kwargs):
        try:
            accounts.count_guess(*self.guess())
        except accounts.TooMany as error:
            return self.told_to_wait(error.wait)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form):
        if self.forgiven:
            accounts.forget_guesses(*self.guess())
        return super().form_valid(form)


# Coming in


@never_logged
class SignUp(Counted, FormView):
    template_name = "accounts/signup.html"
    form_class = forms.SignUp
    success_url = reverse_lazy("room")

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            return redirect("room")
        if settings.SIGNUP == "closed":
            status = 403 if request.method == "POST" else 200
            return self.render_to_response({"closed": True}, status=status)
        return super().dispatch(request, *args, **kwargs)

    def create(self, username, password, email=""):
        accounts.count_sign_up(self.address)
        try:
            return accounts.sign_up(username, password, email)
        except Exception:
            accounts.forget_sign_up(self.address)
            raise

    def form_valid(self, form):
        given = form.cleaned_data
        try:
            user = self.create(given["username"], given["password1"], given.get("email", ""))
        except accounts.TooMany as error:
            return self.told_to_wait(error.wait)
        except accounts.NameTaken:
            form.add_error("username", forms.NAME_TAKEN)
            return self.form_invalid(form)
        was = self.request.session.session_key
        login(self.request, user)
        accounts.signed_out(was)  # whoever else was signed in here
        return super().form_valid(form)


@never_logged
class FirstAdministrator(SignUp):
    template_name = "accounts/first.html"
    form_class = forms.NewAccount

    def dispatch(self, request, *args, token, **kwargs):
        if not accounts.is_offered(token):
            raise Http404
        self.token = token
        return FormView.dispatch(self, request, *args, **kwargs)

    def create(self, username, password, email=""):
        try:
            return accounts.make_first_administrator(self.token, username, password)
        except accounts.NoSuchOffer:
            raise Http404 from None


@never_logged
class SignIn(Guessed, auth.LoginView):
    template_name = "accounts/login.html"
    form_class = forms.SignIn
    redirect_authenticated_user = True

    def guess(self):
        return self.address, self.request.POST.get("username", "")

    def get_context_data(self, **kwargs):
        return super().get_context_data(signup_open=settings.SIGNUP == "open", **kwargs)


def admin_sign_in(request):
    """The way into the admin site: our own page, which counts guesses."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next") or reverse("admin:index"))


class SignOut(auth.LogoutView):
    def post(self, request, *args, **kwargs):
        session_key, user_id = request.session.session_key, request.user.pk
        response = super().post(request, *args, **kwargs)
        accounts.signed_out(session_key, user_id)
        process.wake_all()
        return response


# The account


class OwnersForm(LoginRequiredMixin, FormView):
    """A form about one's own account; says that it is done on the account page."""

    success_url = reverse_lazy("account")
    done = ""

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "user": self.request.user}

    def form_valid(self, form):
        messages.success(self.request, self.done)
        return super().form_valid(form)


@never_logged
class ChangePassword(Guessed, OwnersForm):
    template_name = "accounts/password.html"
    form_class = forms.ChangePassword
    done = "Your password is changed. You are signed out everywhere else."

    def form_valid(self, form):
        accounts.change_password(self.request.user, form.cleaned_data["password1"], self.renew)
        process.wake_all()
        return super().form_valid(form)

    def renew(self):
        was = self.request.session.session_key
        update_session_auth_hash(self.request, self.request.user)
        self.request.session.save()  # now, not after the answer: its key must never be nobody's
        return was, self.request.session.session_key


@never_logged
class ChangeEmail(Guessed, OwnersForm):
    template_name = "accounts/email.html"
    form_class = forms.ChangeEmail
    done = "Your e-mail address is changed."

    def get_initial(self):
        return {"email": self.request.user.email}

    def form_valid(self, form):
        accounts.change_email(self.request.user, form.cleaned_data["email"])
        return super().form_valid(form)


@never_logged
class Delete(Guessed, OwnersForm):
    template_name = "accounts/delete.html"
    form_class = forms.CurrentPassword
    success_url = reverse_lazy("login")
    done = "Your account is deleted."

    def form_valid(self, form):
        user = self.request.user
        if accounts.is_last_administrator(user):
            form.add_error(None, "You are the last administrator. Make somebody else one first.")
            return self.form_invalid(form)
        accounts.delete(user)
        logout(self.request)  # not before: should it fail, the owner can repeat it at once
        process.wake_all()
        return super().form_valid(form)


# A lost password


class Reset(Guessed, auth.PasswordResetView):
    template_name = "accounts/reset.html"
    email_template_name = "accounts/reset_email.txt"
    subject_template_name = "accounts/reset_subject.txt"
    form_class = auth.PasswordResetView.form_class
    success_url = reverse_lazy("reset_sent")
    forgiven = False

    def guess(self):
        return "reset", self.request.POST.get("email", "")  # nobody's mailbox is to be flooded


class ResetSent(TemplateView):
    template_name = "accounts/reset_sent.html"


@never_logged
class ResetConfirm(auth.PasswordResetConfirmView):
    template_name = "accounts/reset_confirm.html"
    form_class = forms.ResetPassword
    success_url = reverse_lazy("login")

    def form_valid(self, form):
        messages.success(self.request, "Your new password is set. Sign in with it.")
        response = super().form_valid(form)
        process.wake_all()
        return response
