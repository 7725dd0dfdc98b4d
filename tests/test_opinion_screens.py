"""Screens of opinion mail."""
