"""The search for messages, in all rooms that the user may read."""

from django import forms
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import QueryDict
from django.views.generic import TemplateView

from chat.room.access import Reader
from chat.search import hits, marking
from chat.search.query import MAX_QUERY, Mistaken
from chat.views.formatted import plain_text

LARGEST = 10**18  # a number of a message that every database accepts
ORDERS = [("newest", "Newest first"), ("best", "Best first")]


class MessageSearchForm(forms.Form):
    """The form for a query, and for the order in which its hits are shown."""

    q = forms.CharField(
        label="Search for",
        required=False,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "autocomplete": "off",
                "autocapitalize": "none",
                "enterkeyhint": "search",
                "dir": "auto",
                "maxlength": MAX_QUERY,
            }
        ),
    )
    order = forms.ChoiceField(label="Order", choices=ORDERS, required=False)


class SearchView(LoginRequiredMixin, TemplateView):
    """A page of hits for `?q=`. `&order=best` shows the best first, and `&next=` goes on.

    `?in=` prepares a search in one room.
    """

    template_name = "search.html"

    def get_context_data(self, **kwargs):
        given = self.request.GET
        text = given.get("q", "")
        order = "best" if given.get("order") == "best" else "newest"
        context = {"text": text, "problem": "", "found": None, "hits": []}
        if text.strip():
            try:
                context |= self.found(text, order)
            except Mistaken as mistake:
                context["problem"] = str(mistake)
        room = given.get("in", "")[:100]
        typed = text or (f"in:{room} " if room else "")
        return super().get_context_data(
            form=MessageSearchForm(initial={"q": typed, "order": order}), **context, **kwargs
        )

    def found(self, text, order):
        search = hits.best if order == "best" else hits.newest
        found = search(text, Reader(self.request.user.pk), self.place(), hits.PER_PAGE)
        shown = [
            {
                "hit": hit,
                "title": found.titles[hit.room.pk],
                "pieces": marking.pieces(plain_text(hit.line), found.query.sought),
            }
            for hit in found.hits
        ]
        return {"found": found, "hits": shown, "next_page": self.next_page(text, order, found)}

    def place(self) -> int | None:
        """Return where the page begins, as the page before it says; None for the first one."""
        number = self.request.GET.get("next", "")
        is_number = number.isascii() and number.isdecimal() and len(number) < 20
        return min(int(number), LARGEST) if is_number else None

    def next_page(self, text, order, found):
        if found.following is None:
            return None
        query = QueryDict(mutable=True)
        query.update({"q": text, "order": order, "next": found.following})
        return query.urlencode()
