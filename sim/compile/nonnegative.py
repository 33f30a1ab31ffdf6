"""The arrays of array structs in compiled code: no index of theirs is ever below zero.

In Python such an index counts from the end, and numba asks at every access whether it is one: a tenth of the kernel's
time. Here it is an error, as an index beyond the end is, and NUMBA_BOUNDSCHECK finds both.
"""

from __future__ import annotations

import operator
from typing import Any

from numba import types
from numba.core import cgutils
from numba.core.imputils import impl_ret_borrowed
from numba.extending import lower_builtin, models, register_model
from numba.np.arrayobj import (
    getitem_array_tuple,
    getitem_arraynd_intp,
    load_item,
    make_array,
    setitem_array,
    store_item,
)


class NonnegativeArray(types.Array):  # type: ignore[misc]
    """The type of such an array; its elements lie one after the other in memory."""

    def __init__(self, dtype: Any, ndim: int) -> None:
        super().__init__(dtype, ndim, "C", name=f"front({dtype}, {ndim}d)")


register_model(NonnegativeArray)(models.ArrayModel)


def _place(context: Any, builder: Any, kind: NonnegativeArray, index_kind: Any, array: Any, index: Any) -> Any:
    """Where the one element that an index means stands; None for an index that means several."""
    several = isinstance(index_kind, types.BaseTuple)
    kinds = list(index_kind) if several else [index_kind]
    if len(kinds) < kind.ndim or not all(isinstance(index_type, types.Integer) for index_type in kinds):
        return None
    numbers = cgutils.unpack_tuple(builder, index, len(kinds)) if several else [index]
    whole = [
        context.cast(builder, number, index_type, types.intp) for number, index_type in zip(numbers, kinds, strict=True)
    ]
    view = make_array(kind)(context, builder, array)
    return cgutils.get_item_pointer(context, builder, kind, view, whole, boundscheck=context.enable_boundscheck)


@lower_builtin(operator.getitem, NonnegativeArray, types.Integer)
@lower_builtin(operator.getitem, NonnegativeArray, types.BaseTuple)
def _get(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    kind, index = signature.args
    place = _place(context, builder, kind, index, *arguments)
    if place is None:
        several = getitem_array_tuple if isinstance(index, types.BaseTuple) else getitem_arraynd_intp
        return several(context, builder, signature, arguments)
    return impl_ret_borrowed(context, builder, signature.return_type, load_item(context, builder, kind, place))


@lower_builtin(operator.setitem, NonnegativeArray, types.Integer, types.Any)
@lower_builtin(operator.setitem, NonnegativeArray, types.BaseTuple, types.Any)
def _set(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    kind, index, given = signature.args
    array, number, value = arguments
    place = _place(context, builder, kind, index, array, number)
    if place is None:
        return setitem_array(context, builder, signature, arguments)
    store_item(context, builder, kind, context.cast(builder, value, given, kind.dtype), place)
    return context.get_dummy_value()
