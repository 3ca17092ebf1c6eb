"""The addresses of the pages. No page is ever cached."""

from django.urls import path
from django.views.decorators.cache import never_cache

from chat.views.account import (
    AccountView,
    ChangeEmailView,
    ChangePasswordView,
    DeleteAccountView,
)
from chat.views.health import ready
from chat.views.password_reset import ConfirmResetView, RequestResetView, ResetSentView
from chat.views.room import RoomView
from chat.views.signing_in import SignInView, SignOutView
from chat.views.signing_up import FirstAdministratorView, SignUpView


def page(route, view, name):
    return path(route, never_cache(view), name=name)


urlpatterns = [
    page("ready/", ready, "ready"),
    page("", RoomView.as_view(), "room"),
    page("accounts/", AccountView.as_view(), "account"),
    page("accounts/signup/", SignUpView.as_view(), "signup"),
    page("accounts/login/", SignInView.as_view(), "login"),
    page("accounts/logout/", SignOutView.as_view(), "logout"),
    page("accounts/password/", ChangePasswordView.as_view(), "change_password"),
    page("accounts/email/", ChangeEmailView.as_view(), "change_email"),
    page("accounts/delete/", DeleteAccountView.as_view(), "delete_account"),
    page("accounts/reset/", RequestResetView.as_view(), "reset"),
    page("accounts/reset/sent/", ResetSentView.as_view(), "reset_sent"),
    page("accounts/reset/<uidb64>/<token>/", ConfirmResetView.as_view(), "reset_confirm"),
    page("accounts/first/<token>/", FirstAdministratorView.as_view(), "first_administrator"),
]
