"""The settings of the admin site. Its look and its name are in `templates/admin/base_site.html`."""

from django.contrib import admin

admin.site.index_title = "Administration"
admin.site.enable_nav_sidebar = False  # Five links are not worth the width that the lists need.
