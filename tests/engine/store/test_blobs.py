from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as arrays

from engine.errors import StorageError
from engine.store.blobs import pack, unpack


@settings(deadline=None)
@given(
    arrays.arrays(
        arrays.floating_dtypes(sizes=(32, 64), endianness="?"),
        arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5),
    )
)
def test_arrays_come_back_bit_for_bit(array):
    native = array.dtype.newbyteorder("=")
    back = unpack(pack(array, native, array.shape), native, array.shape)
    assert back.dtype == native
    assert back.shape == array.shape
    assert back.tobytes() == array.astype(native).tobytes()


def test_bytes_are_little_endian_rows():
    assert pack(np.array([[1, 2], [3, 4]], ">f4"), np.float32, (2, 2)).hex() == "0000803f000000400000404000008040"


def test_order_in_memory_does_not_matter():
    array = np.arange(6, dtype=np.float64).reshape(2, 3)
    assert pack(np.asfortranarray(array), np.float64, (2, 3)) == array.tobytes()


@pytest.mark.parametrize(
    ("array", "shape"),
    [
        (np.zeros(3, np.float64), (3,)),
        (np.zeros(3, np.int32), (3,)),
        (np.zeros((3, 4), np.float32), (3, 5)),
        (np.zeros((3, 4), np.float32), (None,)),
    ],
)
def test_what_would_not_come_back_is_refused(array, shape):
    with pytest.raises(ValueError, match="expected"):
        pack(array, np.float32, shape)


def test_objects_are_refused():
    with pytest.raises(ValueError, match="only numbers"):
        pack(np.array([{}]), object, (1,))


@pytest.mark.parametrize(
    ("n_bytes", "shape", "expected"),
    [
        (0, (None,), (0,)),
        (0, (None, 4), (0, 4)),
        (0, (0, 128), (0, 128)),
        (32, (None, 4), (2, 4)),
        (32, (2, 4), (2, 4)),
    ],
)
def test_the_first_length_follows_from_the_bytes(n_bytes, shape, expected):
    assert unpack(bytes(n_bytes), np.float32, shape).shape == expected


@pytest.mark.parametrize(
    ("n_bytes", "shape"), [(3, (None,)), (20, (None, 4)), (32, (3, 4)), (64, (3, 4)), (4, (0, 128)), (4, (None, 0))]
)
def test_bytes_that_do_not_fit_mean_damage(n_bytes, shape):
    with pytest.raises(StorageError, match="damaged"):
        unpack(bytes(n_bytes), np.float32, shape)


def test_the_array_is_read_only():
    with pytest.raises(ValueError, match="read-only"):
        unpack(bytes(8), np.float64, (1,))[0] = 1
