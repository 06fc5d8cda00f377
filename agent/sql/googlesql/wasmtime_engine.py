"""The one configuration of wasmtime that the engine's module is compiled for and runs under.

Imports nothing else: the compiler is a process that has a gigabyte of its own to find.
"""

import wasmtime

MAX_WASM_STACK_BYTES = (2 << 20) - (64 << 10)
"""Below the 2 MiB that wasmtime takes at most: deep nesting ends in a trap, not in a dead process."""

OPTIMISATION = "speed"


def new_wasmtime_engine() -> wasmtime.Engine:
    config = wasmtime.Config()
    config.shared_memory = True
    config.epoch_interruption = True
    config.max_wasm_stack = MAX_WASM_STACK_BYTES
    config.cranelift_opt_level = OPTIMISATION
    return wasmtime.Engine(config)
