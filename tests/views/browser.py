"""Headless Chromium, driven by the DevTools protocol over two pipes."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--force-device-scale-factor=1",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
_FROM_US, _TO_US = 3, 4
_PATIENCE_S = 60.0


class Browser:
    """A browser with one tab.

    Attributes
    ----------
    problems : list of str
        Errors in the console, exceptions, and requests that left the page.
    """

    def __init__(self, profile: Path) -> None:
        assert CHROMIUM is not None
        here, theirs = os.pipe(), os.pipe()

        def connect() -> None:
            # Above 4 first, so that neither copy closes the other pipe.
            read, write = os.dup2(here[0], 20), os.dup2(theirs[1], 21)
            os.dup2(read, _FROM_US)
            os.dup2(write, _TO_US)

        self._process = subprocess.Popen(
            [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=connect,
            close_fds=False,
        )
        os.close(here[0])
        os.close(theirs[1])
        self._write, self._read = here[1], theirs[0]
        self._waiting, self._number = b"", 0
        self._session = ""
        self.problems: list[str] = []
        targets = self.call("Target.getTargets")["targetInfos"]
        tab = next(target["targetId"] for target in targets if target["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=tab, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def close(self) -> None:
        """End the browser."""
        self._session = ""
        try:
            self.call("Browser.close")
            self._process.wait(timeout=20)
        except (OSError, EOFError, TimeoutError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._write)
        os.close(self._read)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self._note(answer)

    def open(self, page: Path, *, width: int = 1280, height: int = 800) -> None:
        """Open a file in a window of a given size, and wait until it is drawn."""
        self.problems.clear()
        mobile = width < 600
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=mobile,
        )
        self.call("Page.navigate", url=page.absolute().as_uri())
        self.wait_for(
            "document.documentElement?.dataset.ready"
            " || document.getElementById('problem')?.hidden === false"
        )

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        result = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"].get("description"))
        return result["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true in the page."""
        deadline = time.monotonic() + _PATIENCE_S
        while not self.evaluate(f"Boolean({expression})"):
            assert time.monotonic() < deadline, f"waited in vain for {expression}"
            time.sleep(0.02)

    def press(self, key: str, **how: Any) -> None:
        """Press and release a key."""
        text = {"text": key} if len(key) == 1 else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **text, **how)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, **how)

    def click(self, x: float, y: float) -> None:
        """Press and release the left button at a place of the window."""
        self.drag((x, y), (x, y))

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press the left button at a place, move to another, and release it there."""
        for kind, (x, y) in (("mousePressed", start), ("mouseMoved", end), ("mouseReleased", end)):
            self.call(
                "Input.dispatchMouseEvent",
                type=kind,
                x=x,
                y=y,
                button="left",
                clickCount=1,
                buttons=1,
            )

    def screenshot(self) -> bytes:
        """Return the visible part of the page as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def _next(self) -> dict[str, Any]:
        deadline = time.monotonic() + _PATIENCE_S
        while b"\0" not in self._waiting:
            ready, _, _ = select.select([self._read], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError("the browser does not answer")
            received = os.read(self._read, 1 << 20)
            if not received:
                raise EOFError("the browser has ended")
            self._waiting += received
        message, _, self._waiting = self._waiting.partition(b"\0")
        return json.loads(message)

    def _note(self, event: dict[str, Any]) -> None:
        """Keep problems that the page reports."""
        found: dict[str, Callable[[dict[str, Any]], str | None]] = {
            "Runtime.exceptionThrown": lambda p: str(p["exceptionDetails"]),
            "Log.entryAdded": lambda p: (
                str(p["entry"]) if p["entry"]["level"] in ("error", "warning") else None
            ),
            "Runtime.consoleAPICalled": lambda p: (
                str(p["args"]) if p["type"] in ("error", "warning", "assert") else None
            ),
            "Network.requestWillBeSent": lambda p: (
                None if p["request"]["url"].startswith(("file:", "about:")) else str(p["request"])
            ),
        }
        text = found.get(event.get("method", ""), lambda _: None)(event.get("params", {}))
        if text:
            self.problems.append(text)
