"""`botctl chat` as a person holds it: by a pipe and at a terminal, over several processes."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time

QUESTION = "How many orders were placed in 2025?"
CHAT = (sys.executable, "-m", "bot.cli.main", "chat", "--model", "scripted")


def chat(environ: dict[str, str], typed: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CHAT, *words],
        cwd=environ["HOME"],
        env=environ,
        input=typed,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_conversation_ends_with_its_input_and_is_gone_on_with(environ):
    first = chat(environ, f"{QUESTION}\n\nRun that again.\n")
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("*2,442*") == 2
    assert "… Wrote SQL\n" in first.stderr
    resuming = re.search(r"# Go on with: botctl chat --thread-ts (\S+)\n$", first.stderr)
    assert resuming
    second = chat(environ, "Run that again.\n", "--thread-ts", resuming[1])
    assert second.stdout.count("*2,442*") == 1


def test_new_forgets_the_conversation_and_keeps_its_thread(environ):
    ended = chat(environ, f"{QUESTION}\n/new\nRun that again.\n처음부터\n", "--thread-ts", "18.1", "--channel", "C1")
    assert ended.stdout.count("*2,442*") == 1
    assert "We start over" in ended.stdout
    assert "처음부터 다시 시작할게요." in ended.stdout
    assert "--thread-ts 18.1 --channel C1" in ended.stderr


def test_a_block_of_code_is_one_message_and_an_unknown_command_is_explained(environ):
    ended = chat(environ, "Run this: ```sql\nSELECT COUNT(*) AS n\nFROM shop.orders\n```\n/nonsense\nstop\n")
    assert ended.returncode == 0, ended.stderr
    assert re.fullmatch(r"\*2,861\* — n\nTable: shop.orders · [^\n]+\n", ended.stdout)
    assert ended.stderr.count("/new starts over") == 2
    assert "Nothing is running here." in ended.stderr


def test_a_thread_cannot_be_continued_without_a_memory(environ):
    without = environ | {"LANGGRAPH_CHECKPOINT_BACKEND": "memory"}
    refused = chat(without, "", "--thread-ts", "17.1")
    simulated = subprocess.run(
        [*CHAT[:-3], "simulate", "--text", "x", "--thread-ts", "17.1"],
        cwd=environ["HOME"],
        env=without,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (refused.returncode, refused.stderr) == (2, simulated.stderr)
    assert re.fullmatch(r"botctl: --thread-ts .*LANGGRAPH_CHECKPOINT_BACKEND=memory [^\n]+\.\n", refused.stderr)


class Terminal:
    """A person at a terminal in which `botctl chat` runs."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._screen, inner = pty.openpty()
        self.process = subprocess.Popen(
            CHAT, cwd=environ["HOME"], env=environ, stdin=inner, stdout=inner, stderr=inner, start_new_session=True
        )
        self._inner = inner
        self._unseen = ""

    def type(self, text: str) -> None:
        os.write(self._screen, text.encode())

    def see(self, text: str) -> None:
        """Wait until *text* comes up after what was seen before."""
        deadline = time.monotonic() + 100
        while text not in self._unseen:
            if time.monotonic() > deadline:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"{text!r} did not come up in {self._unseen!r}")
            if select.select([self._screen], [], [], 1)[0]:
                self._unseen += os.read(self._screen, 65536).decode(errors="replace")
        self._unseen = self._unseen.partition(text)[2]

    def end(self) -> tuple[int, bool]:
        """The exit code, and whether the terminal echoes what is typed, as it did before."""
        code = self.process.wait(timeout=60)
        echoes = bool(termios.tcgetattr(self._inner)[3] & termios.ECHO)
        os.close(self._screen)
        os.close(self._inner)
        return code, echoes


def test_at_a_terminal_there_is_a_prompt_and_control_d_ends(environ):
    terminal = Terminal(environ)
    terminal.see("> ")
    terminal.type(f"{QUESTION}\r")
    terminal.see("*2,442*")
    terminal.see("> ")
    terminal.type("\x04")
    terminal.see("Go on with")
    assert terminal.end() == (0, True)


def test_control_c_at_the_prompt_leaves_the_terminal_as_it_was(environ):
    terminal = Terminal(environ)
    terminal.see("> ")
    terminal.type("half a que")
    terminal.see("que")
    terminal.process.send_signal(signal.SIGINT)
    terminal.see("Go on with")
    assert terminal.end() == (0, True)
