"""Tests of the project package: settings, versions, requirements."""
