"""The forms of the account page about the people whom the user ignores."""

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.views import View

from chat.room import ignoring
from chat.room.ignoring import MAX_IGNORED, Ignorer
from chat.room.refusal import RefusalCode, Refused

REFUSALS = {
    RefusalCode.NO_SUCH_PERSON: "There is nobody here with this name.",
    RefusalCode.NOT_ALLOWED: "You cannot ignore yourself.",
    RefusalCode.TOO_MANY_IGNORED: f"You can ignore at most {MAX_IGNORED} people.",
}
MAX_TYPED = 200  # characters; longer names belong to nobody


class IgnoreView(LoginRequiredMixin, View):
    """Put a person on the user's list, or take one off it."""

    http_method_names = ["post"]
    is_on = True

    def post(self, request: HttpRequest) -> HttpResponseRedirect:
        name = request.POST.get("name", "")[:MAX_TYPED]
        try:
            messages.success(request, self.change(request.user, name))
        except Refused as refusal:
            messages.error(request, REFUSALS[refusal.code])
        return redirect("account")

    def change(self, user, name):
        if not self.is_on:
            ignoring.stop_ignoring(user.pk, name)
            return f"You see again what {name} says."
        return f"You see nothing more of {ignoring.ignore(Ignorer(user.pk, user.username), name)}."
