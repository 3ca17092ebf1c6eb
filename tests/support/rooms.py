"""Short forms for tests of rooms and their members."""

import pytest

from chat.models import Membership
from chat.room.refusal import Refused


def refusal(function, *arguments, **options):
    """Return the code with which a call is refused."""
    with pytest.raises(Refused) as refused:
        function(*arguments, **options)
    return refused.value.code


def roles(room):
    return dict(Membership.objects.filter(room=room).values_list("user__username", "role"))
