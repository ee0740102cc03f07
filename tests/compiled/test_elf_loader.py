"""Object files are loaded without LLVM where they are known, and refused where they are damaged."""

from __future__ import annotations

import ctypes
import math
import platform
import random
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from llvmlite import binding

from cerebella.compiled import object_code
from cerebella.compiled.arguments import TupleKind, format_of, unpack
from cerebella.compiled.compile_procedure import compile_procedure
from cerebella.compiled.elf import UnknownCodeError
from cerebella.compiled.elf_loader import load_elf
from cerebella.compiled.object_code import ObjectCode, caller_of_address, load
from cerebella.errors import MachineError

pytestmark = pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="for Linux on x86-64"
)

FUNCTIONS = """
@count = global i64 40
@reserved = common global i64 0, align 64
@functions = internal constant [2 x ptr] [ptr @one, ptr @two]
@environ = external global ptr
declare double @log(double)
declare ptr @memset(ptr, i32, i64)

define i64 @one() noinline { ret i64 1 }
define i64 @two() noinline { ret i64 2 }

define i64 @counted() {
  %old = load i64, ptr @count
  %new = add i64 %old, 1
  store i64 %new, ptr @count
  ret i64 %new
}

define i64 @kept(i64 %value) {
  %old = load volatile i64, ptr @reserved
  store volatile i64 %value, ptr @reserved
  ret i64 %old
}

define i64 @chosen(i64 %index) {
  %place = getelementptr [2 x ptr], ptr @functions, i64 0, i64 %index
  %function = load volatile ptr, ptr %place
  %result = call i64 %function()
  ret i64 %result
}

define double @scaled_log(double %x) {
  %y = call double @log(double %x)
  %z = fmul double %y, 3.0
  ret double %z
}

define void @filled(ptr %place, i64 %size) {
  %same = call ptr @memset(ptr %place, i32 7, i64 %size)
  ret void
}

define ptr @environment() {
  %value = load ptr, ptr @environ
  ret ptr %value
}
"""
FREXP = """
@variable = global i64 0  ; llvmlite reserves no memory for addresses of functions without data
declare double @numba_frexp(double, ptr)
define double @fraction(double %x) {
  %exponent = alloca i32
  %result = call double @numba_frexp(double %x, ptr %exponent)
  ret double %result
}
"""
OF_THREAD = """
@value = thread_local global i64 0
define i64 @of_thread() {
  %value = load i64, ptr @value
  ret i64 %value
}
"""
COMPUTED = """
@function = ifunc i64 (), ptr @choose
define internal i64 @answer() { ret i64 42 }
define internal ptr @choose() { ret ptr @answer }
define i64 @computed() {
  %result = call i64 @function()
  ret i64 %result
}
"""


def object_of(text):
    """Return the object file of LLVM's code."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_default_triple()
    machine = target.create_target_machine(opt=0, reloc="pic", codemodel="small")
    return machine.emit_object(binding.parse_assembly(text))


@pytest.fixture(scope="module")
def functions():
    return object_of(FUNCTIONS)


def function_of(code, name, result=ctypes.c_int64, *arguments):
    return ctypes.CFUNCTYPE(result, *arguments)(load_elf(code, name))


def scaled_logarithms(arguments_at):
    def procedure(address):
        x, sums, factor = arguments_at(address)
        sums[:] = 0.0
        for i in range(len(x)):
            sums[i % len(sums)] += factor * math.log(x[i]) + math.sin(1e5 * x[i])
        return len(x)

    return procedure


def test_a_procedure_returns_the_same_bytes_whoever_loads_it(monkeypatch):
    x = np.random.default_rng(1).exponential(size=1000)
    sums = [np.ones(7), np.ones(7)]
    unpacked = [[], []]
    kinds = [
        TupleKind(tuple, tuple(unpack(argument, numbers) for argument in (x, to, 1.7)))
        for to, numbers in zip(sums, unpacked, strict=True)
    ]
    compiled = compile_procedure(scaled_logarithms, kinds[0])
    form = struct.Struct(format_of(kinds[0]))
    own = load_elf(compiled.code, compiled.symbol)
    assert caller_of_address(own)(form.pack(*unpacked[0])) == 1000

    def unknown(code, function):
        raise UnknownCodeError

    monkeypatch.setattr(object_code, "load_elf", unknown)
    assert caller_of_address(load(compiled))(form.pack(*unpacked[1])) == 1000
    assert sums[0].tobytes() == sums[1].tobytes()
    expected = 1.7 * np.log(x) + np.sin(1e5 * x)
    assert sums[0][3] == pytest.approx(expected[3::7].sum(), rel=1e-12)


def test_functions_of_c_are_called(functions):
    scaled = function_of(functions, "scaled_log", ctypes.c_double, ctypes.c_double)
    assert scaled(10.0) == math.log(10.0) * 3.0
    filled = function_of(functions, "filled", None, ctypes.c_void_p, ctypes.c_int64)
    memory = ctypes.create_string_buffer(4)
    filled(memory, 3)
    assert memory.raw == b"\7\7\7\0"


def test_data_tables_of_functions_and_variables_of_libraries_are_found(functions):
    counted = function_of(functions, "counted")
    assert [counted(), counted()] == [41, 42]
    assert function_of(functions, "counted")() == 41  # each load has its own memory
    kept = function_of(functions, "kept", ctypes.c_int64, ctypes.c_int64)
    assert [kept(8), kept(9)] == [0, 8]
    chosen = function_of(functions, "chosen", ctypes.c_int64, ctypes.c_int64)
    assert [chosen(0), chosen(1)] == [1, 2]
    expected = ctypes.c_void_p.in_dll(ctypes.CDLL(None), "environ").value
    assert function_of(functions, "environment", ctypes.c_void_p)() == expected


def maps():
    return set(Path("/proc/self/maps").read_text().splitlines())


def test_no_memory_is_writable_and_executable(functions):
    before = maps()
    address = load_elf(functions, "counted")
    allowed = {line.split()[1] for line in maps() - before}
    assert not [one for one in allowed if "w" in one and "x" in one]
    for line in maps():
        first, last = (int(end, 16) for end in line.split()[0].split("-"))
        if first <= address < last:
            assert line.split()[1] == "r-xp"
            break
    else:
        pytest.fail("no memory of the function")


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        (FREXP, "fraction", "function numba_frexp"),
        (OF_THREAD, "of_thread", "flags"),
        (COMPUTED, "computed", "symbol of type 10"),
    ],
)
def test_what_is_not_known_is_left_to_llvm(text, name, reason):
    with pytest.raises(UnknownCodeError, match=reason):
        load_elf(object_of(text), name)


def test_functions_of_numba_are_called():
    compiled = ObjectCode("fraction", ("numba_frexp",), object_of(FREXP))
    assert ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(load(compiled))(6.0) == 0.75


def altered(code, offset, form, value):
    content = bytearray(code)
    struct.pack_into(form, content, offset, value)
    return bytes(content)


def test_an_unknown_relocation_is_left_to_llvm(functions):
    kind = table_of(functions, 4)[0] + 8
    with pytest.raises(UnknownCodeError, match="relocation 77"):
        load_elf(altered(functions, kind, "<I", 77), "counted")


def table_of(code, kind):
    """Return offset and size of the first section of a type."""
    (start,) = struct.unpack_from("<Q", code, 40)
    (number,) = struct.unpack_from("<H", code, 60)
    for i in range(number):
        fields = struct.unpack_from("<IIQQQQ", code, start + 64 * i)
        if fields[1] == kind:
            return fields[4:6]
    raise AssertionError(kind)


@pytest.mark.parametrize(
    ("offset", "form", "value"),
    [(0, "4s", b"\xcf\xfa\xed\xfe"), (4, "B", 1), (5, "B", 2), (16, "<H", 3), (18, "<H", 183)],
)
def test_files_of_other_machines_and_systems_are_left_to_llvm(functions, offset, form, value):
    with pytest.raises(UnknownCodeError, match="not an"):
        load_elf(altered(functions, offset, form, value), "counted")


def test_truncated_files_are_refused(functions):
    for length in range(7, len(functions)):
        with pytest.raises(MachineError, match=r"damaged: it is too short. .* doctor --clean"):
            load_elf(functions[:length], "counted")


def test_a_missing_function_is_refused(functions):
    with pytest.raises(MachineError, match="its function is missing"):
        load_elf(functions, "absent")
    with pytest.raises(MachineError, match="its function is missing"):
        load_elf(functions, "count")  # data


@pytest.mark.parametrize(
    ("kind", "offset", "form", "value", "reason"),
    [
        (4, 0, "<Q", 10**6, "a relocation outside of its section"),
        (4, 12, "<I", 10**6, "a relocation without symbol"),
        (4, 16, "<q", 2**40, "an offset of more than 32 bits"),
        (2, 24, "<I", 10**6, "a name outside of the file"),
        (2, 48 + 6, "<H", 1000, "a section is missing"),
    ],
)
def test_rows_that_refer_to_nothing_are_refused(functions, kind, offset, form, value, reason):
    place = table_of(functions, kind)[0] + offset
    with pytest.raises(MachineError, match=reason):
        load_elf(altered(functions, place, form, value), "counted")


def test_altered_files_never_end_the_process(functions):
    """Tables and headers, in which each byte is replaced; functions are not called."""
    draw = random.Random(1)
    (sections,) = struct.unpack_from("<Q", functions, 40)
    places = [*range(64), *range(sections, len(functions))]
    for kind in (2, 4):
        offset, size = table_of(functions, kind)
        places += range(offset, offset + size)
    n_refused = 0
    for place in places:
        content = altered(functions, place, "B", draw.randrange(256))
        try:
            load_elf(content, "counted")
        except (MachineError, UnknownCodeError):
            n_refused += 1
    assert len(places) // 4 < n_refused < len(places)
