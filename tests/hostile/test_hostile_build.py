"""Texts that are code in some language come through the whole build as the texts they are."""

from __future__ import annotations

COMPANIES = (
    "<script>alert(1)</script>",
    "=cmd|'/C calc'!A0",
    "'; drop table marts.dim_companies; --",
    "{{ 7 * 7 }}",
)
