"""The ids of the shell that pages may speak to. A page's own ids stand in the page, as a StrEnum with its prefix."""

from __future__ import annotations

from enum import StrEnum


class Shell(StrEnum):
    """What stands around every page.

    `THEME`: dcc.Store, "light" or "dark": the colours in use now. `POLL`: dcc.Interval of one second, disabled while
    nothing runs. `JOBS`: dcc.Store, the list that `app.services.jobs.job_dicts` gives; written only when it changes.
    `WAKE`: dcc.Store; write a number that was not there before and the jobs are asked for at once. `NOTICE`: dcc.Store
    behind `app.errors.say`. `LOCATION`: dcc.Location; writing its `href` leads to that page without a reload.
    """

    THEME = "shell-theme"
    POLL = "shell-poll"
    JOBS = "shell-jobs"
    NOTICE = "shell-notice"
    WAKE = "shell-wake"
    LOCATION = "shell-location"
    # The shell's own parts; assets/shell.js knows some of them by name.
    NAV = "shell-nav"
    MENU_BUTTON = "shell-menu-button"
    TRAY = "shell-tray"
    TRAY_BODY = "shell-tray-body"
    TRAY_BUTTON = "shell-tray-button"
    TRAY_LABEL = "shell-tray-label"
    THEME_SWITCH = "shell-theme-switch"
    NOTICES = "shell-notices"
