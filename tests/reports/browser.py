"""A page in headless Chromium, driven over the DevTools protocol through two pipes: no driver, no web socket."""

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--window-size=1366,768", "--remote-debugging-pipe",
)  # fmt: skip
# Chromium expects its pipes at 3 and 4. They are moved there by way of higher ones, which they might be themselves.
_START = (
    "import os, sys; read, write = (os.dup(os.dup(os.dup(int(fd)))) for fd in sys.argv[1:3]);"
    "os.dup2(read, 3); os.dup2(write, 4); os.execv(sys.argv[3], sys.argv[3:])"
)
# Browsers scroll to a link's target some frames after the click: the place counts once it is the same two frames on.
_SPOT = """new Promise(function (done) {
  var element = document.querySelector(PLACE);
  function middle() {
    var line = element.getClientRects()[0];
    return line ? [line.left + line.width / 2, line.top + line.height / 2] : [-1, -1];
  }
  element.scrollIntoView({block: "center"});
  var before = middle();
  requestAnimationFrame(function () {
    requestAnimationFrame(function () {
      var now = middle(), hit = document.elementFromPoint(now[0], now[1]);
      done(String(now) === String(before) && hit && element.contains(hit) ? now : null);
    });
  });
})"""


class Page:
    """One tab. `problems` gathers what the page logged as error: exceptions, refused loads, policy violations."""

    def __init__(self, write: int, read: int) -> None:
        self._write, self._read, self._buffer, self._next = write, read, b"", 0
        self._session = ""
        self.problems: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command, wait for its answer; events on the way are noted."""
        self._next += 1
        message: dict[str, Any] = {"id": self._next, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == self._next:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self._event(answer)

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            read = os.read(self._read, 1 << 16)
            if not read:
                raise RuntimeError("the browser ended")
            self._buffer += read
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)

    def _event(self, event: dict[str, Any]) -> None:
        if event.get("method") == "Runtime.exceptionThrown":
            self.problems.append(json.dumps(event["params"]["exceptionDetails"])[:400])
        if event.get("method") == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
            self.problems.append(event["params"]["entry"]["text"])

    def open(self, file: Path, place: str = "") -> None:
        """Load a file and wait until it is complete."""
        self.call("Page.navigate", url=file.as_uri() + place)
        self.wait("document.readyState === 'complete' && location.protocol === 'file:'")

    def run(self, script: str) -> Any:
        """The value of an expression."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:400])
        return answer["result"].get("value")

    def wait(self, condition: str, seconds: float = 10) -> None:
        """Until a condition holds; an error names it where it never does."""
        end = time.monotonic() + seconds
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > end:
                raise AssertionError(f"never became true: {condition}")
            time.sleep(0.02)

    def click(self, selector: str) -> None:
        """A real mouse click in the middle of the element (of its first line), once the page stands still there."""
        place = json.dumps(selector)
        end = time.monotonic() + 10
        while True:
            spot = self.run(_SPOT.replace("PLACE", place))
            if spot:
                break
            if time.monotonic() > end:
                raise AssertionError(f"never came to lie under the mouse: {selector}")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=spot[0], y=spot[1], button="left", clickCount=1)

    def type(self, selector: str, text: str) -> None:
        """Type into a field."""
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", text=text)

    def key(self, name: str, code: int) -> None:
        """Press a key, such as ("Tab", 9)."""
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if name == "Enter" and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code, **text)

    def choose(self, selector: str, value: str) -> None:
        """Choose an option of a select."""
        self.run(
            f"(function () {{ var e = document.querySelector({json.dumps(selector)}); e.value = {json.dumps(value)};"
            "e.dispatchEvent(new Event('change', {bubbles: true})); })()"
        )

    def dark(self, on: bool) -> None:
        """Ask for the dark look."""
        value = "dark" if on else "light"
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": value}])

    def picture(self, file: Path) -> None:
        """What the window shows, as PNG."""
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """A fresh Chromium with an empty profile, ended afterwards."""
    to_browser, from_browser = os.pipe(), os.pipe()
    theirs, ours = (to_browser[0], from_browser[1]), (to_browser[1], from_browser[0])
    command = [CHROMIUM, *_OPTIONS, f"--user-data-dir={profile}"]
    process = subprocess.Popen(
        [sys.executable, "-c", _START, *map(str, theirs), *command],
        pass_fds=theirs, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for descriptor in theirs:
        os.close(descriptor)
    try:
        yield Page(*ours)
    finally:
        for descriptor in ours:
            os.close(descriptor)
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
