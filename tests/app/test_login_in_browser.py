"""Signing in and out in a real browser, which sends what no test client does."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from werkzeug.security import generate_password_hash

from tests.app.serving import serving

PASSWORD = "correct horse battery"


@pytest.mark.slow
def test_a_person_signs_in_by_keyboard_and_out_again(chromium, tmp_path):
    login = f"anna:{generate_password_hash(PASSWORD, method='scrypt')}"
    # On every address of this machine, as its owner would open it to others.
    with serving(tmp_path, "--port", "0", "--host", "0.0.0.0", DRAMATIS_LOGIN=login) as served:
        context = chromium.new_context(base_url=served.address)
        page = context.new_page()
        page.goto("/casts?x=1")
        for password in ("wrong horse", PASSWORD):
            page.get_by_label("Name").fill("anna")
            page.get_by_label("Password").fill(password)
            page.keyboard.press("Enter")
            if password != PASSWORD:
                expect(page.get_by_role("alert")).to_have_text("The name or the password is wrong; try again.")
        expect(page).to_have_url("/casts?x=1")
        page.get_by_role("button", name="Sign out").click()
        expect(page).to_have_url("/login")
        page.goto("/casts")
        expect(page.get_by_label("Password")).to_be_visible()
        context.close()
