"""The addresses of the site. Staff sign in and out of the admin site through our own pages."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from chat.views.account import ChangePasswordView
from chat.views.signing_in import SignOutView, admin_sign_in

handler500 = "chat.views.errors.server_error"

urlpatterns = [
    path("", include("chat.urls")),
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}chat/mark.svg")),
    path("admin/login/", admin_sign_in),
    path("admin/logout/", SignOutView.as_view()),
    path("admin/password_change/", ChangePasswordView.as_view()),
    path("admin/", admin.site.urls),
]
