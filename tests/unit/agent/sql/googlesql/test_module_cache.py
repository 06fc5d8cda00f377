"""On a module of four bytes' work: compiling Google's takes up to a minute."""

import os
import threading
from pathlib import Path

import pytest
import wasmtime
from structlog.testing import capture_logs

from agent.sql.googlesql.module_cache import UnsafeCacheFolder, compile_module, default_cache_dir
from agent.sql.googlesql.wasmtime_engine import new_wasmtime_engine


@pytest.fixture
def wasm(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.wasm"
    path.write_bytes(wasmtime.wat2wasm('(module (func (export "answer") (result i32) i32.const 42))'))
    return path


def answer_of(cache_dir: Path, wasm: Path) -> int:
    engine = new_wasmtime_engine()
    module = compile_module(cache_dir, engine, wasm=wasm)
    store = wasmtime.Store(engine)
    store.set_epoch_deadline(1)
    function = wasmtime.Linker(engine).instantiate(store, module).exports(store)["answer"]
    assert isinstance(function, wasmtime.Func)
    return function(store)


def compiled_files(cache_dir: Path) -> list[Path]:
    return sorted(cache_dir.glob("*.cwasm"))


def times_compiled(cache_dir: Path, wasm: Path) -> int:
    with capture_logs() as logs:
        assert answer_of(cache_dir, wasm) == 42
    return [entry["event"] for entry in logs].count("googlesql.compiling")


def test_a_module_is_compiled_once_and_then_loaded(tmp_path: Path, wasm: Path):
    assert times_compiled(tmp_path / "cache", wasm) == 1
    assert times_compiled(tmp_path / "cache", wasm) == 0


def test_folder_and_file_are_for_their_owner_alone(tmp_path: Path, wasm: Path):
    cache_dir = tmp_path / "deep" / "cache"
    answer_of(cache_dir, wasm)
    assert cache_dir.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in compiled_files(cache_dir)] == [0o600]


def test_an_open_folder_of_ours_is_closed(tmp_path: Path, wasm: Path):
    cache_dir = tmp_path / "cache"
    cache_dir.mkdir(mode=0o755)
    answer_of(cache_dir, wasm)
    assert cache_dir.stat().st_mode & 0o777 == 0o700


def test_a_link_in_place_of_the_folder_is_refused(tmp_path: Path, wasm: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "cache").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafeCacheFolder):
        compile_module(tmp_path / "cache", wasm=wasm)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_another_users_folder_is_refused(tmp_path: Path, wasm: Path):
    cache_dir = tmp_path / "cache"
    cache_dir.mkdir(mode=0o700)
    os.chown(cache_dir, 65534, 65534)
    with pytest.raises(UnsafeCacheFolder):
        compile_module(cache_dir, wasm=wasm)


def test_one_changed_byte_of_native_code_is_noticed_and_the_module_compiled_again(tmp_path: Path, wasm: Path):
    cache_dir = tmp_path / "cache"
    answer_of(cache_dir, wasm)
    [path] = compiled_files(cache_dir)
    native = bytearray(path.read_bytes())
    native[len(native) // 2] ^= 0xFF
    path.write_bytes(native)
    assert times_compiled(cache_dir, wasm) == 1
    assert times_compiled(cache_dir, wasm) == 0


def test_a_torn_file_is_noticed_and_the_module_compiled_again(tmp_path: Path, wasm: Path):
    cache_dir = tmp_path / "cache"
    answer_of(cache_dir, wasm)
    [path] = compiled_files(cache_dir)
    os.truncate(path, path.stat().st_size // 2)
    assert times_compiled(cache_dir, wasm) == 1


def test_a_file_that_others_may_write_is_not_executed(tmp_path: Path, wasm: Path):
    cache_dir = tmp_path / "cache"
    answer_of(cache_dir, wasm)
    [path] = compiled_files(cache_dir)
    path.chmod(0o622)
    assert times_compiled(cache_dir, wasm) == 1


def test_another_module_never_meets_the_first_ones_file(tmp_path: Path, wasm: Path):
    cache_dir = tmp_path / "cache"
    answer_of(cache_dir, wasm)
    wasm.write_bytes(wasmtime.wat2wasm('(module (func (export "answer") (result i32) i32.const 43))'))
    renamed = wasm.rename(wasm.with_name("newer.wasm"))
    assert answer_of(cache_dir, renamed) == 43


def test_two_at_once_compile_once(tmp_path: Path, wasm: Path):
    answers: list[int] = []
    with capture_logs() as logs:
        threads = [
            threading.Thread(target=lambda: answers.append(answer_of(tmp_path / "cache", wasm))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [42] * 4
    assert [entry["event"] for entry in logs].count("googlesql.compiling") == 1


def test_nothing_half_written_stays_behind(tmp_path: Path, wasm: Path):
    answer_of(tmp_path / "cache", wasm)
    assert not list((tmp_path / "cache").glob("*.tmp"))


def test_what_a_killed_compilation_left_is_not_taken_over(tmp_path: Path, wasm: Path):
    cache_dir = tmp_path / "cache"
    answer_of(cache_dir, wasm)
    [lock] = cache_dir.glob("*.lock")
    for path in compiled_files(cache_dir):
        path.unlink()
    lock.with_suffix(".tmp").write_text("half of it")
    assert times_compiled(cache_dir, wasm) == 1
    assert not list(cache_dir.glob("*.tmp"))


def test_the_default_folder_follows_the_environment():
    assert default_cache_dir({"HOME": "/home/ana"}) == Path("/home/ana/.cache/data-bolt/googlesql")
    assert default_cache_dir({"HOME": "/home/ana", "XDG_CACHE_HOME": "/var/cache"}) == Path(
        "/var/cache/data-bolt/googlesql"
    )
    assert default_cache_dir({"HOME": "/home/ana", "XDG_CACHE_HOME": "relative"}) == Path(
        "/home/ana/.cache/data-bolt/googlesql"
    )
