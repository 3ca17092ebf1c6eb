"""The pages: the room, and the accounts. None of them is ever cached."""

from django.urls import path
from django.views.decorators.cache import never_cache

from chat import views


def page(route, view, name):
    return path(route, never_cache(view), name=name)


urlpatterns = [
    page("ready/", views.ready, "ready"),
    page("", views.Room.as_view(), "room"),
    page("accounts/", views.Account.as_view(), "account"),
    page("accounts/signup/", views.SignUp.as_view(), "signup"),
    page("accounts/login/", views.SignIn.as_view(), "login"),
    page("accounts/logout/", views.SignOut.as_view(), "logout"),
    page("accounts/password/", views.ChangePassword.as_view(), "change_password"),
    page("accounts/email/", views.ChangeEmail.as_view(), "change_email"),
    page("accounts/delete/", views.Delete.as_view(), "delete_account"),
    page("accounts/reset/", views.Reset.as_view(), "reset"),
    page("accounts/reset/sent/", views.ResetSent.as_view(), "reset_sent"),
    page("accounts/reset/<uidb64>/<token>/", views.ResetConfirm.as_view(), "reset_confirm"),
    page("accounts/first/<token>/", views.FirstAdministrator.as_view(), "first_administrator"),
]
