"""A graph of one step for onnxruntime: the product of two matrices of 8-bit integers.

It is small enough to be written down as it stands in a file of ONNX, which is a message of protocol buffers:
fields, each a number, a type and a value. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto names them.
"""

from __future__ import annotations

ZERO = 128
"""What stands for 0 in the left matrix, whose integers have no sign."""

_UINT8, _INT8, _INT32 = 2, 3, 6  # TensorProto.DataType
_IR_VERSION, _OPSET = 7, 13  # of 2020: what any onnxruntime that we take can read


def product_graph() -> bytes:
    """Return the file of the graph.

    left: uint8 (n, dim), ZERO more than what is meant. right: int8 (dim, m). product: int32 (n, m).
    """
    zero = _field(2, _UINT8) + _field(8, b"zero") + _field(9, bytes([ZERO]))
    graph = b"".join(
        [
            _field(1, _node("MatMulInteger", ("left", "right", "zero"), "product")),
            _field(2, b"product"),  # its name
            _field(5, zero),
            _field(11, _matrix("left", _UINT8)),
            _field(11, _matrix("right", _INT8)),
            _field(12, _matrix("product", _INT32)),
        ]
    )
    opset = _field(1, b"") + _field(2, _OPSET)
    return _field(1, _IR_VERSION) + _field(7, graph) + _field(8, opset)


def _node(operator: str, inputs: tuple[str, ...], output: str) -> bytes:
    """Return a NodeProto."""
    named = b"".join(_field(1, name.encode()) for name in inputs)
    return named + _field(2, output.encode()) + _field(4, operator.encode())


def _matrix(name: str, kind: int) -> bytes:
    """Return a ValueInfoProto of a tensor with two axes, which may have any length."""
    shape = _field(1, b"") * 2
    tensor = _field(1, kind) + _field(2, shape)
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _field(number: int, value: int | bytes) -> bytes:
    """Return one field: an integer, or bytes and how many they are."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    """Return seven bits a byte, the lowest first; all bytes but the last have their highest bit set."""
    digits = []
    while number > 127:
        digits.append(number & 127 | 128)
        number >>= 7
    return bytes([*digits, number])
