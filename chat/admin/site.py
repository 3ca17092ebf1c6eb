"""The titles of the admin site."""

from django.contrib import admin

admin.site.site_header = "Chatsite"
admin.site.site_title = "Chatsite"
admin.site.index_title = "Administration"
admin.site.enable_nav_sidebar = False  # Five links are not worth the width that the lists need.
