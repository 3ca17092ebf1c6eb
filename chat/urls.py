"""The addresses of the pages. No page is ever cached."""

from django.urls import path
from django.views.decorators.cache import never_cache

from chat.views.access_keys import CreateAccessKeyView, RevokeAccessKeyView
from chat.views.account import (
    AccountView,
    ChangeEmailView,
    ChangePasswordView,
    DeleteAccountView,
)
from chat.views.ignoring import IgnoreView
from chat.views.mentions import MentionsView
from chat.views.moderation.base import ModerationHomeView
from chat.views.moderation.held import HeldView
from chat.views.moderation.invitations import InvitationsView
from chat.views.moderation.log import LogView
from chat.views.moderation.reports import ReportsView
from chat.views.moderation.requests import RequestsView
from chat.views.moderation.sanctions import SanctionsView
from chat.views.password_reset import ConfirmResetView, RequestResetView, ResetSentView
from chat.views.places import DayView
from chat.views.reporting import ReportMessageView, ReportPersonView
from chat.views.room import HomeView, RoomView
from chat.views.room_settings import RoomSettingsView
from chat.views.rooms import (
    CreateRoomView,
    DirectRoomView,
    JoinRoomView,
    RoomsView,
    WithdrawRequestView,
)
from chat.views.search import SearchView
from chat.views.signing_in import SignInView, SignOutView
from chat.views.signing_up import (
    ApplicationSentView,
    FirstAdministratorView,
    InvitationView,
    SignUpView,
)
from chat.views.upload_form import UploadFormView, upload_view
from chat.views.uploads import FileView, ThumbnailView, UnsaidFileView, UploadView
from chat.views.versions import VersionsView


def page(route, view, name):
    return path(route, never_cache(view), name=name)


urlpatterns = [
    page("", HomeView.as_view(), "home"),
    page("r/<slug:slug>/", RoomView.as_view(), "room"),
    page("r/<slug:slug>/<int:seq>/", RoomView.as_view(), "message"),
    page("r/<slug:slug>/day/", DayView.as_view(), "room_day"),
    page("r/<slug:slug>/join/", JoinRoomView.as_view(), "join_room"),
    page("r/<slug:slug>/join/withdraw/", WithdrawRequestView.as_view(), "withdraw_request"),
    page("r/<slug:slug>/settings/", RoomSettingsView.as_view(), "room_settings"),
    page("search/", SearchView.as_view(), "search"),
    page("r/<slug:slug>/<int:seq>/versions/", VersionsView.as_view(), "versions"),
    page("r/<slug:slug>/<int:seq>/report/", ReportMessageView.as_view(), "report_message"),
    page("r/<slug:slug>/report/", ReportPersonView.as_view(), "report_person"),
    page(
        "r/<slug:slug>/files/",
        upload_view(UploadView.as_view(), UploadFormView.as_view()),
        "upload",
    ),
    path("files/<slug:upload_id>/", UnsaidFileView.as_view(), name="unsaid_file"),
    path("files/<slug:upload_id>/thumbnail", ThumbnailView.as_view(), name="thumbnail"),
    path("files/<slug:upload_id>/<name>", FileView.as_view(), name="file"),
    page("moderation/", ModerationHomeView.as_view(), "moderation"),
    page("moderation/reports/", ReportsView.as_view(), "moderation_reports"),
    page("moderation/held/", HeldView.as_view(), "moderation_held"),
    page("moderation/sanctions/", SanctionsView.as_view(), "moderation_sanctions"),
    page("moderation/requests/", RequestsView.as_view(), "moderation_requests"),
    page("moderation/invitations/", InvitationsView.as_view(), "moderation_invitations"),
    page("moderation/log/", LogView.as_view(), "moderation_log"),
    page("mentions/", MentionsView.as_view(), "mentions"),
    page("rooms/", RoomsView.as_view(), "rooms"),
    page("rooms/new/", CreateRoomView.as_view(), "create_room"),
    page("rooms/direct/", DirectRoomView.as_view(), "direct_room"),
    page("accounts/", AccountView.as_view(), "account"),
    page("join/<token>/", InvitationView.as_view(), "invitation"),
    page("accounts/signup/", SignUpView.as_view(), "signup"),
    page("accounts/signup/sent/", ApplicationSentView.as_view(), "application_sent"),
    page("accounts/login/", SignInView.as_view(), "login"),
    page("accounts/logout/", SignOutView.as_view(), "logout"),
    page("accounts/password/", ChangePasswordView.as_view(), "change_password"),
    page("accounts/email/", ChangeEmailView.as_view(), "change_email"),
    page("accounts/keys/", CreateAccessKeyView.as_view(), "create_access_key"),
    page("accounts/keys/<int:key_id>/", RevokeAccessKeyView.as_view(), "revoke_access_key"),
    page("accounts/ignored/", IgnoreView.as_view(), "ignore"),
    page("accounts/ignored/remove/", IgnoreView.as_view(is_on=False), "stop_ignoring"),
    page("accounts/delete/", DeleteAccountView.as_view(), "delete_account"),
    page("accounts/reset/", RequestResetView.as_view(), "reset"),
    page("accounts/reset/sent/", ResetSentView.as_view(), "reset_sent"),
    page("accounts/reset/<uidb64>/<token>/", ConfirmResetView.as_view(), "reset_confirm"),
    page("accounts/first/<token>/", FirstAdministratorView.as_view(), "first_administrator"),
]
