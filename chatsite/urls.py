"""Which address leads where. The admin signs in and out by the same doors as everybody."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from chat import views

urlpatterns = [
    path("", include("chat.urls")),
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}chat/mark.svg")),
    path("admin/login/", views.admin_sign_in),
    path("admin/logout/", views.SignOut.as_view()),
    path("admin/password_change/", views.ChangePassword.as_view()),
    path("admin/", admin.site.urls),
]
