"""Open a page in the system's Chromium and print its text once it shows what is expected.

Usage: look.py URL EXPECTED SCREENSHOT [USER PASSWORD]; run by the environment of a tool.
"""

import shutil
import sys

from playwright.sync_api import sync_playwright

url, expected, screenshot, *login = sys.argv[1:]
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=shutil.which("chromium"),
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    )
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    if login:
        origin = "/".join(url.split("/")[:3])
        page.goto(f"{origin}/login/", wait_until="networkidle")
        page.locator("input#username, input[name=username]").first.fill(login[0])
        page.locator("input#password, input[name=password]").first.fill(login[1])
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "/login" not in address, timeout=60_000)
    page.goto(url)
    try:
        page.get_by_text(expected).first.wait_for(timeout=90_000)
    finally:
        page.wait_for_timeout(2_000)
        page.screenshot(path=screenshot)
    print(page.inner_text("body"))
