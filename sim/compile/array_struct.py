"""A struct of arrays that compiled code receives as a single pointer.

Compiled code copies what it is handed for every call that it does not inline: with fifty arrays that costs more than
the work, and takes minutes to compile. A struct is handed on as the address of a table, in which the address and the
shape of each array stand. In Python, and where compilation is switched off, it is an object with arrays as attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, ClassVar, Final

import numpy as np
from numba import from_dtype, types
from numba.core import cgutils
from numba.core.imputils import impl_ret_borrowed
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np.arrayobj import make_array, populate_array

from sim.compile.nonnegative import NonnegativeArray

Field = tuple[np.dtype[Any], int]
"""The kind of an array's elements, and its number of dimensions."""
_WORDS = 4


class ArrayStruct:
    """Arrays under the names and of the kinds that ``fields`` of a subclass gives. The arrays can be written, and not
    exchanged for others: that takes another struct. In compiled code an index of theirs below zero is an error.
    """

    fields: ClassVar[Mapping[str, Field]]

    def __init__(self, **arrays: np.ndarray[Any, Any]) -> None:
        """Raises TypeError for an array too few or too many, or not of the kind that its field says."""
        if set(arrays) != set(self.fields):
            raise TypeError(f"{type(self).__name__} has the arrays {', '.join(self.fields)}, not {', '.join(arrays)}")
        table = np.zeros((len(self.fields), _WORDS), np.int64)
        for place, (name, (kind, dimensions)) in enumerate(self.fields.items()):
            array = arrays[name]
            if array.dtype != kind or array.ndim != dimensions or not array.flags.c_contiguous:
                raise TypeError(f"{name}: expected {dimensions} dimensions of {kind}, one after the other in memory")
            table[place, 0] = array.ctypes.data
            table[place, 1 : 1 + dimensions] = array.shape
        self.__dict__.update({name: arrays[name] for name in self.fields})
        self.__dict__.update(_table=table, _address=table.ctypes.data)

    def __setattr__(self, name: str, value: Any) -> None:
        """Raises AttributeError: compiled code would not see another array."""
        raise AttributeError(f"{name} cannot be exchanged, only written into")

    def __getattr__(self, name: str) -> Any:
        """Raises AttributeError; mypy takes every array for an attribute."""
        raise AttributeError(f"no array {name}, expected one of {', '.join(self.fields)}")


class _ArrayStructType(types.Type):  # type: ignore[misc]
    """The type that the compiler sees."""

    def __init__(self, name: str, arrays: tuple[tuple[str, Any], ...]) -> None:
        self.arrays = arrays
        super().__init__(name=f"ArrayStruct({name})")

    def place_of(self, name: str) -> int:
        """Where an array stands in the table."""
        return [array for array, _ in self.arrays].index(name)


register_model(_ArrayStructType)(models.OpaqueModel)


_TYPES: Final[dict[type[ArrayStruct], _ArrayStructType]] = {}


def _type_of(struct: type[ArrayStruct]) -> _ArrayStructType:
    kind = _TYPES.get(struct)
    if kind is None:
        arrays = [(name, NonnegativeArray(from_dtype(dtype), size)) for name, (dtype, size) in struct.fields.items()]
        # To the compiler types of one name are one type, and their names stand in those of all functions.
        digest = sha256(repr(struct.fields).encode()).hexdigest()[:8]
        kind = _TYPES[struct] = _ArrayStructType(f"{struct.__name__}-{digest}", tuple(arrays))
    return kind


@typeof_impl.register(ArrayStruct)
def _typeof(value: ArrayStruct, context: Any) -> _ArrayStructType:
    return _type_of(type(value))


@unbox(_ArrayStructType)
def _address_of_table(kind: Any, value: Any, context: Any) -> Any:
    address = context.pyapi.object_getattr_string(value, "_address")
    pointer = context.pyapi.long_as_voidptr(address)
    context.pyapi.decref(address)
    return NativeValue(pointer, is_error=cgutils.is_not_null(context.builder, context.pyapi.err_occurred()))


@infer_getattr
class _Attributes(AttributeTemplate):  # type: ignore[misc]
    key = _ArrayStructType

    def generic_resolve(self, kind: _ArrayStructType, name: str) -> Any:
        return dict(kind.arrays).get(name)


@lower_getattr_generic(_ArrayStructType)
def _array_in_table(context: Any, builder: Any, kind: _ArrayStructType, value: Any, name: str) -> Any:
    """The array whose address and shape stand in the table; it does not own its memory, the caller does."""
    wanted = dict(kind.arrays)[name]
    words = builder.bitcast(value, context.get_value_type(types.int64).as_pointer())
    first = kind.place_of(name) * _WORDS

    def word(number: int) -> Any:
        loaded = builder.load(builder.gep(words, [context.get_constant(types.int64, first + number)]))
        # No array is ever exchanged for another: the compiler need not look again after every store.
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    array = make_array(wanted)(context, builder)
    size = context.get_constant(
        types.intp, wanted.dtype.bitwidth // 8 if hasattr(wanted.dtype, "bitwidth") else wanted.dtype.size
    )
    shape = [word(1 + number) for number in range(wanted.ndim)]
    strides = [size]
    for extent in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], extent))
    data = builder.inttoptr(word(0), array.data.type)
    populate_array(array, data=data, shape=shape, strides=strides, itemsize=size, meminfo=None, parent=None)
    return impl_ret_borrowed(context, builder, wanted, array._getvalue())
