"""Compilation of procedures by numba to bytes that `object_code` loads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import binding
from numba import types
from numba.extending import intrinsic
from numba.np.numpy_support import from_dtype

from cerebella.compiled import lane_functions  # noqa: F401, functions that kernels call
from cerebella.compiled.arguments import ArrayKind, Kind, TupleKind
from cerebella.compiled.elf_loader import is_loaded_in_one_piece
from cerebella.compiled.jit import apart
from cerebella.compiled.object_code import ObjectCode

_ADDRESS = (types.intp,)
_PLAIN = {
    int: types.int64,
    np.uint64: types.uint64,
    float: types.float64,
    type(None): types.none,
}


def compile_procedure(make: Callable[[Any], Callable[[int], None]], kinds: TupleKind) -> ObjectCode:
    """Compile a function that takes the address of its packed arguments.

    Parameters
    ----------
    make : callable
        Returns the function, which allocates no memory and returns a whole number or nothing. Its
        argument is a function of compiled code that returns the arguments at an address.
    kinds : TupleKind
        The types of all arguments.

    Returns
    -------
    ObjectCode
    """
    all_types = type_of(kinds)

    @intrinsic
    def arguments_at(typing_context: Any, address: Any) -> Any:
        def load(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            # Registers of AVX-512 that are moved to the stack would cross its cache lines.
            builder.function.attributes.add("nounwind")  # llvmlite omits the other one alone
            builder.function.attributes.alignstack = 64
            structure = context.get_value_type(signature.return_type)
            return builder.load(builder.inttoptr(args[0], structure.as_pointer()))

        return all_types(types.intp), load

    compiled = apart(make(arguments_at))
    compiled.compile(_ADDRESS)
    result = compiled.overloads[_ADDRESS]
    assert result.signature.return_type in (types.int64, types.none)
    library = result.library
    called = (one.name for one in library._final_module.functions if one.is_declaration)
    needs = tuple(sorted(name for name in called if not name.startswith("llvm.")))
    if is_loaded_in_one_piece(needs):
        code = _compact_code(library)
    else:
        code, _ = library.serialize_using_object_code()[2]
    return ObjectCode(result.fndesc.llvm_func_name, needs, code)


def _compact_code(library: Any) -> bytes:
    """Return the object code of a library that addresses its constants relative to itself.

    Numba addresses them by 64 bits, as code requires that can be anywhere in memory, which takes
    an instruction for each.
    """
    options: dict[str, Any] = {"opt": 3}
    library.codegen._customize_tm_options(options)
    options |= {"reloc": "pic", "codemodel": "small"}
    machine = binding.Target.from_default_triple().create_target_machine(**options)
    return machine.emit_object(library._final_module)


def type_of(kind: Kind) -> Any:
    """Return numba's type of an argument."""
    if isinstance(kind, TupleKind):
        items = tuple(map(type_of, kind.items))
        return types.BaseTuple.from_types(items, None if kind.of is tuple else kind.of)
    if isinstance(kind, ArrayKind):
        return types.Array(from_dtype(kind.dtype), kind.n_dimensions, "C")
    return _PLAIN[kind]
