"""Mixins for form views that limit how often a form can be submitted."""

from django.forms import PasswordInput

from chat.accounts import throttling


class ThrottledFormMixin:
    """A form view that can ask its visitor to wait."""

    @property
    def address(self) -> str:
        return self.request.META.get("REMOTE_ADDR", "")

    def ask_to_wait(self, error: throttling.TooManyAttempts):
        """Show the form again with the time to wait, as a response with status 429."""
        seconds = error.retry_after
        form = self.form_class(
            **{
                **self.get_form_kwargs(),
                "data": None,
                "files": None,
                "initial": self.typed_values(),
            }
        )
        wait = f"{-(-seconds // 60)} minutes" if seconds > 60 else f"{seconds} seconds"
        context = self.get_context_data(form=form, wait=wait)
        headers = {"Retry-After": str(seconds)}
        return self.render_to_response(context, status=429, headers=headers)

    def typed_values(self) -> dict[str, object]:
        """Return the submitted values except passwords, which must not appear in a page."""
        submitted = self.request.POST
        return self.get_initial() | {
            name: submitted[name]
            for name, field in self.form_class.base_fields.items()
            if name in submitted and not isinstance(field.widget, PasswordInput)
        }


class AttemptLimitMixin(ThrottledFormMixin):
    """A form view that limits the attempts to submit it for one account from one address."""

    success_resets_count = True

    def attempt_key(self) -> tuple[str, str]:
        """Return (address, account); attempts are counted for each such pair."""
        return self.address, self.request.user.get_username()

    def post(self, request, *args, **kwargs):
        try:
            throttling.count_attempt(*self.attempt_key())
        except throttling.TooManyAttempts as error:
            return self.ask_to_wait(error)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form):
        if self.success_resets_count:
            throttling.forget_attempts(*self.attempt_key())
        return super().form_valid(form)
