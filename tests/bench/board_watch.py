"""The board as those in the hall see it: a real browser, and a program on the live feed.

Both note when the number of those who have voted was first shown; the browser when its page's tree
changed, by its own clock, which is compared with this program's before and after.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import statistics
import time
from collections.abc import AsyncIterator

import httpx
from playwright.async_api import Browser, Page, async_playwright

_CLOCK_SAMPLES = 30
_BARE_STEPS = 40
_BARE_GAP_S = 0.05
_SHOWN = ".fact strong"  # the first one on the board is the number of those who have voted
_WATCH = """(selector) => {
  window.shown = [];
  let last = null;
  const look = () => {
    const element = document.querySelector(selector);
    const text = element === null ? null : element.textContent;
    if (text !== last) { last = text; window.shown.push([text, performance.now()]); }
  };
  const all = {subtree: true, childList: true, characterData: true};
  new MutationObserver(look).observe(document, all);
  look();
}"""
_BARE_PAGE = """<!doctype html><p class=fact><strong>0</strong></p><script>
new EventSource("/events").onmessage = (event) => {
  document.querySelector("strong").textContent = JSON.parse(event.data).voted;
};</script>"""

Seen = dict[int, float]
"""When a number was first shown: monotonic seconds of this program."""


class FeedWatch:
    """A program that reads the live feed."""

    def __init__(self, port: int) -> None:
        self.seen: Seen = {}
        self.snapshot_bytes = 0
        self._url = f"http://127.0.0.1:{port}/api/live"
        self._task = asyncio.create_task(self._read())

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _read(self) -> None:
        async with (
            httpx.AsyncClient(trust_env=False, timeout=None) as client,
            client.stream("GET", self._url) as answer,
        ):
            event = ""
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name == "data" and event == "sitting":
                    now = time.monotonic()
                    self.snapshot_bytes = len(value)
                    vote = json.loads(value)["vote"]
                    if vote is not None:
                        self.seen.setdefault(vote["voted"], now)


class BrowserWatch:
    """One page in Chromium. Use ``opened`` to make it."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._offset_s = 0.0
        self.clock_error_ms = 0.0

    async def open(self, url: str) -> None:
        await self._page.goto(url)
        await self._page.evaluate(_WATCH, _SHOWN)
        await self._compare_clocks()

    async def seen(self) -> Seen:
        """All numbers that were shown, with the mean of the two comparisons of the clocks."""
        before = self._offset_s
        await self._compare_clocks()
        offset_s = (before + self._offset_s) / 2
        self.clock_error_ms += 1000 * abs(self._offset_s - before) / 2
        seen: Seen = {}
        for text, at_ms in await self._page.evaluate("window.shown"):
            number = (text or "").split()[:1]
            if number and number[0].isdecimal():
                seen.setdefault(int(number[0]), at_ms / 1000 + offset_s)
        return seen

    async def _compare_clocks(self) -> None:
        best_s = 1.0
        for _ in range(_CLOCK_SAMPLES):
            begin = time.monotonic()
            page_ms = await self._page.evaluate("performance.now()")
            end = time.monotonic()
            if end - begin < best_s:
                best_s = end - begin
                self._offset_s = (begin + end) / 2 - page_ms / 1000
        self.clock_error_ms = 1000 * best_s / 2


def chromium() -> str | None:
    """The browser's program; None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextlib.asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a window."""
    async with async_playwright() as playwright:
        one = await playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield one
        finally:
            await one.close()


async def watching(one: Browser, url: str) -> BrowserWatch:
    """A page of its own that already watches."""
    watch = BrowserWatch(await one.new_page(viewport={"width": 1920, "height": 1080}))
    await watch.open(url)
    return watch


async def bare_event_ms(one: Browser, snapshot_bytes: int) -> float:
    """The floor: a message of a snapshot's size, from a bare server to the tree of a bare page."""
    streams: list[asyncio.StreamWriter] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1]
        if path == b"/events":
            writer.write(b"HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
            streams.append(writer)
            return
        kind = b"text/html" if path == b"/" else b"text/plain"
        writer.write(b"HTTP/1.0 200 OK\r\ncontent-type: " + kind + b"\r\n\r\n")
        writer.write(_BARE_PAGE.encode() if path == b"/" else b"")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        watch = await watching(one, f"http://127.0.0.1:{port}/")
        sent: Seen = {}
        for step in range(1, _BARE_STEPS + 1):
            await asyncio.sleep(_BARE_GAP_S)
            message = json.dumps({"voted": step, "rest": "." * snapshot_bytes})
            sent[step] = time.monotonic()
            for stream in streams:
                stream.write(f"data: {message}\n\n".encode())
        await asyncio.sleep(0.3)
        waits = waits_ms(sent, await watch.seen())
    finally:
        for stream in streams:
            stream.close()
        server.close()
    return statistics.median(waits) if waits else 0.0


def waits_ms(done: Seen, seen: Seen) -> list[float]:
    """From each number's cause to the first showing of it or of a greater one, sorted."""
    waits = []
    for number, at in done.items():
        shown = [when for shown, when in seen.items() if shown >= number]
        if shown:
            waits.append(1000 * (min(shown) - at))
    return sorted(waits)
