"""The pages on which users create and revoke the access keys of their own account."""

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from chat.accounts import access_keys
from chat.forms import NewAccessKeyForm
from chat.room.refusal import RefusalCode, Refused
from chat.views.account import OwnAccountView
from chat.views.requester import requester_of

REFUSALS = {
    RefusalCode.BAD_NAME: "Nothing in this name is visible. Choose another one.",
    RefusalCode.NOT_ALLOWED: "You have too many access keys. Revoke one of them first.",
}


@method_decorator(sensitive_post_parameters(), name="dispatch")
class CreateAccessKeyView(OwnAccountView):
    """Creates a key, and shows it once."""

    template_name = "accounts/access_key.html"
    form_class = NewAccessKeyForm

    @sensitive_variables("key")
    def form_valid(self, form: NewAccessKeyForm) -> HttpResponse:
        self.attempt.note_right_password()
        user, name = self.request.user, form.cleaned_data["name"]
        try:
            key = access_keys.create(user, name, requester_of(self.request))
        except Refused as refusal:
            form.add_error("name", REFUSALS[refusal.code])
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(key=key))


class RevokeAccessKeyView(LoginRequiredMixin, View):
    """Revokes a key, whose connections end."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, key_id: int) -> HttpResponseRedirect:
        access_keys.revoke(request.user, key_id, requester_of(request))
        messages.success(request, "The access key is revoked.")
        return redirect("account")
