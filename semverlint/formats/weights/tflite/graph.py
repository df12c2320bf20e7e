"""What a TFLite model computes: operators by name, and a digest of how they are joined, without names of tensors."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from semverlint.formats.weights.tflite.flatbuffer import FlatBuffer, Table
from semverlint.text import clean

OPERATORS: Sequence[str] = """
    ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE EMBEDDING_LOOKUP FLOOR
    FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D LOCAL_RESPONSE_NORMALIZATION LOGISTIC
    LSH_PROJECTION LSTM MAX_POOL_2D MUL RELU RELU_N1_TO_1 RELU6 RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH
    SVDF TANH CONCAT_EMBEDDINGS SKIP_GRAM CALL CUSTOM EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER
    BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND TRANSPOSE MEAN SUB DIV SQUEEZE UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE
    BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT LOG_SOFTMAX DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM CAST PRELU MAXIMUM
    ARG_MAX MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL LESS_EQUAL SELECT SLICE SIN TRANSPOSE_CONV SPARSE_TO_DENSE
    TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW ARG_MIN FAKE_QUANT REDUCE_PROD REDUCE_MAX PACK
    LOGICAL_OR ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK REDUCE_MIN FLOOR_DIV REDUCE_ANY SQUARE ZEROS_LIKE FILL
    FLOOR_MOD RANGE RESIZE_NEAREST_NEIGHBOR LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE CEIL
    REVERSE_V2 ADD_N GATHER_ND COS WHERE RANK ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG ROUND
    HARD_SWISH IF WHILE NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM
    BATCH_MATMUL PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM CALL_ONCE BROADCAST_TO RFFT2D CONV_3D IMAG REAL COMPLEX_ABS
    HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE REDUCE_ALL CONV_3D_TRANSPOSE VAR_HANDLE READ_VARIABLE
    ASSIGN_VARIABLE BROADCAST_ARGS RANDOM_STANDARD_NORMAL BUCKETIZE RANDOM_UNIFORM MULTINOMIAL GELU
    DYNAMIC_UPDATE_SLICE RELU_0_TO_1 UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_SUM ATAN2
    UNSORTED_SEGMENT_MIN SIGN BITCAST BITWISE_XOR RIGHT_SHIFT STABLEHLO_LOGISTIC STABLEHLO_ADD STABLEHLO_DIVIDE
    STABLEHLO_MULTIPLY STABLEHLO_MAXIMUM STABLEHLO_RESHAPE STABLEHLO_CLAMP STABLEHLO_CONCATENATE
    STABLEHLO_BROADCAST_IN_DIM STABLEHLO_CONVOLUTION STABLEHLO_SLICE STABLEHLO_CUSTOM_CALL STABLEHLO_REDUCE
    STABLEHLO_ABS STABLEHLO_AND STABLEHLO_COSINE STABLEHLO_EXPONENTIAL STABLEHLO_FLOOR STABLEHLO_LOG
    STABLEHLO_MINIMUM STABLEHLO_NEGATE STABLEHLO_OR STABLEHLO_POWER STABLEHLO_REMAINDER STABLEHLO_RSQRT
    STABLEHLO_SELECT STABLEHLO_SUBTRACT STABLEHLO_TANH STABLEHLO_SCATTER STABLEHLO_COMPARE STABLEHLO_CONVERT
    STABLEHLO_DYNAMIC_SLICE STABLEHLO_DYNAMIC_UPDATE_SLICE STABLEHLO_PAD STABLEHLO_IOTA STABLEHLO_DOT_GENERAL
    STABLEHLO_REDUCE_WINDOW STABLEHLO_SORT STABLEHLO_WHILE STABLEHLO_GATHER STABLEHLO_TRANSPOSE DILATE
    STABLEHLO_RNG_BIT_GENERATOR REDUCE_WINDOW STABLEHLO_COMPOSITE STABLEHLO_SHIFT_LEFT STABLEHLO_CBRT STABLEHLO_CASE
""".split()  # noqa: SIM905 - a list would be as long as the rest of the file
"""`enum BuiltinOperator` of schema.fbs, by number."""

_CUSTOM = 32
_OLD_CODES = 127
"""Up to here a code stands in a field of one byte; beyond, in one that was added later."""
_MOST_JOINED = 65_536
"""Tensors that go into one operator."""
_MOST_JOINTS = 2_000_000
"""Tensors that go into and out of all operators, each as often as it does."""

# Fields by their place in the tables of schema.fbs; a union takes two, its type and its value.
_CODE_OLD, _CODE_CUSTOM, _CODE_VERSION, _CODE = range(4)
_OPCODE, _INPUTS, _OUTPUTS, _OPTIONS_TYPE, _OPTIONS, _CUSTOM_OPTIONS = range(6)
_OPTIONS_2_TYPE, _OPTIONS_2 = 11, 12

_VECTORS: Mapping[int, Mapping[int, int]] = {
    3: {0: 4, 1: 4},  # ConcatEmbeddingsOptions
    17: {0: 4},  # ReshapeOptions
    30: {0: 4},  # SqueezeOptions
    111: {0: 1, 1: 1},  # VarHandleOptions
    115: {0: 4},  # BucketizeOptions
}
"""Types of `BuiltinOptions` with fields that are vectors, and how wide their entries are; the others are plain."""


@dataclass
class Step:
    """An operator of a subgraph: its name, what settles what it does, and the tensors it joins."""

    name: str
    options: bytes
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def operator_names(buffer: FlatBuffer, codes: Iterator[Table]) -> list[tuple[str, int]]:
    """The operators a model may use: name and version; custom ones by their own name."""
    found = []
    for code in codes:
        number = max(code.number(_CODE_OLD, "b"), code.number(_CODE, "i"))
        if not 0 <= number < len(OPERATORS):
            raise buffer.wrong(f"uses the operator {number}, which is not known here", "update semverlint")
        name = f"custom:{clean(code.text(_CODE_CUSTOM), 80)}" if number == _CUSTOM else OPERATORS[number]
        found.append((name, code.number(_CODE_VERSION, "i", 1)))
    return found


def steps(buffer: FlatBuffer, operators: Iterator[Table], names: Sequence[tuple[str, int]]) -> Iterator[Step]:
    """The operators of a subgraph, in the order of execution."""
    joints = 0
    for operator in operators:
        opcode = operator.number(_OPCODE, "I")
        if opcode >= len(names):
            raise buffer.wrong(f"uses the operator code {opcode:,} of {len(names):,}")
        name, version = names[opcode]
        kind = operator.number(_OPTIONS_TYPE, "B")
        said = [version, kind, operator.number(_OPTIONS_2_TYPE, "B"), operator.raw(_CUSTOM_OPTIONS, 1).hex()]
        said += _options(operator.table(_OPTIONS), _VECTORS.get(kind, {}))
        said += _options(operator.table(_OPTIONS_2), {})  # vectors by their place: the same only from one writer
        inputs = operator.numbers(_INPUTS, "i", _MOST_JOINED)
        outputs = operator.numbers(_OUTPUTS, "i", _MOST_JOINED)
        joints += len(inputs) + len(outputs)
        if joints > _MOST_JOINTS:
            raise buffer.wrong(f"joins more than {_MOST_JOINTS:,} tensors", "check who wrote it")
        yield Step(name, repr(said).encode(), inputs, outputs)


def _options(table: Table | None, vectors: Mapping[int, int]) -> list[object]:
    if table is None:
        return []
    return [
        (slot, (table.raw(slot, vectors[slot]) if slot in vectors else data).hex()) for slot, data in table.inline()
    ]


class Joined:
    """How the steps of a model are joined, taken in one after another.

    Attributes:
        counts: How often each operator occurs.
        roles: Tensor → the first step that uses it, by the operator's name and number.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.roles: dict[str, str] = {}
        self._state = hashlib.sha256()

    def add(self, described: Sequence[str], constants: Mapping[int, str], inputs: Sequence[int], taken: Sequence[Step],
            outputs: Sequence[int]) -> None:  # fmt: skip
        """A subgraph.

        Args:
            described: Of each of its tensors, type, shape and scales.
            constants: Index → name, of those with values.
            inputs: Indices of what it is given.
            taken: Its steps.
            outputs: Indices of what it gives back.
        """
        origin = {tensor: f"in{number}" for number, tensor in enumerate(inputs)}
        self._tell("graph", [self._said(tensor, described, origin) for tensor in inputs])
        for number, step in enumerate(taken):
            role = f"{step.name}[{self.counts[step.name]}]"
            self.counts[step.name] += 1
            for place, tensor in enumerate(step.inputs):
                if tensor in constants:
                    self.roles.setdefault(constants[tensor], f"{role}.{place}")
            joined = [self._said(tensor, described, origin) for tensor in step.inputs]
            origin |= {tensor: f"{number}.{place}" for place, tensor in enumerate(step.outputs)}
            self._state.update(step.options)
            self._tell(step.name, joined + [self._said(tensor, described, {}) for tensor in step.outputs])
        self._tell("gives", [self._said(tensor, described, origin) for tensor in outputs])

    def digest(self) -> str:
        """A digest of all that was added."""
        return self._state.hexdigest()

    def _tell(self, what: str, joined: Sequence[str]) -> None:
        self._state.update(repr((what, joined)).encode("utf-8", "surrogatepass"))

    @staticmethod
    def _said(tensor: int, described: Sequence[str], origin: Mapping[int, str]) -> str:
        if not 0 <= tensor < len(described):
            return "none"  # -1: an input that is left out
        return f"{origin.get(tensor, 'constant')}:{described[tensor]}"
