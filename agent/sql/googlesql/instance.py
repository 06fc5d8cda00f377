"""One instance of the engine's WebAssembly: bytes in, bytes out, through its linear memory."""

import ctypes
from pathlib import Path
from typing import cast

import tzdata
import wasmtime

_SIZE_BYTES = 4  # wasm32's size_t


class ServiceError(Exception):
    """The engine's own verdict, in its own words."""


class Instance:
    """Not thread-safe: one thread calls it. After a trap its memory is undefined and it must be replaced."""

    def __init__(self, engine: wasmtime.Engine, module: wasmtime.Module) -> None:
        self._store = wasmtime.Store(engine)
        self._store.set_wasi(_sandbox())
        self.arm()
        linker = wasmtime.Linker(engine)
        linker.define_wasi()
        exports = linker.instantiate(self._store, module).exports(self._store)
        self._functions = {name: item for name, item in exports.items() if isinstance(item, wasmtime.Func)}
        self._memory = cast(wasmtime.SharedMemory, exports["memory"])
        if "_initialize" in self._functions:
            self._invoke("_initialize")

    def memory_bytes(self) -> int:
        return self._memory.data_len()

    def arm(self) -> None:
        """Let the next epoch end whatever runs then."""
        self._store.set_epoch_deadline(1)

    def call(self, function: str, request: bytes) -> bytes:
        """Raises ServiceError, or what wasmtime raises for a trap."""
        address = self._invoke("wasm_malloc", max(1, len(request)))
        size_address = self._invoke("wasm_malloc", 2 * _SIZE_BYTES)
        self._write(address, request)
        answer = self._invoke(function, address, len(request), size_address)
        if answer == 0:
            message = self._last_error()
        else:
            size = int.from_bytes(self._read(size_address, _SIZE_BYTES), "little")
            message = self._read(answer, size)
            self._invoke("wasm_free", answer)
        self._invoke("wasm_free", address)
        self._invoke("wasm_free", size_address)
        if answer == 0:
            raise ServiceError(message.decode("utf-8", "replace"))
        return message

    def _last_error(self) -> bytes:
        size = self._invoke("wasm_get_last_error_size")
        return self._read(self._invoke("wasm_get_last_error"), size) if size else b""

    def _invoke(self, name: str, *arguments: int) -> int:
        # Addresses are unsigned, WebAssembly's i32 comes back signed.
        result = self._functions[name](self._store, *arguments)
        return result & 0xFFFFFFFF if isinstance(result, int) else 0

    def _write(self, address: int, data: bytes) -> None:
        ctypes.memmove(self._at(address, len(data)), data, len(data))

    def _read(self, address: int, size: int) -> bytes:
        return ctypes.string_at(self._at(address, size), size)

    def _at(self, address: int, size: int) -> int:
        # The addresses come out of the sandbox: nothing outside its memory is ever touched for it.
        if address + size > self._memory.data_len():
            raise wasmtime.WasmtimeError("address outside of the engine's memory")
        return ctypes.addressof(self._memory.data_ptr().contents) + address


def _sandbox() -> wasmtime.WasiConfig:
    """No environment, no standard streams, no clock of ours to set: the time zone data to read, and nothing else."""
    wasi = wasmtime.WasiConfig()
    zoneinfo = Path(tzdata.__file__).parent / "zoneinfo"
    wasi.preopen_dir(str(zoneinfo), "/usr/share/zoneinfo", fs_mutable=False)
    return wasi
