"""Parquet files to sheets: typed values become the text an analyst would have typed."""

import json

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.reading.sheet import ReadError, Sheet, whole
from orchestration.sources.formats import Settings


def read(data: bytes, settings: Settings) -> list[Sheet]:  # noqa: ARG001
    """Read one table; rows count from 1, the header's is 0."""
    try:
        table = pq.read_table(pa.BufferReader(data))
        columns = [
            pa.concat_arrays([pa.array([name], pa.string()), _texts(column)])
            for name, column in zip(table.column_names, table.columns, strict=True)
        ]
    except (pa.ArrowException, OSError, ValueError) as error:  # one for each sort of damage
        raise ReadError(
            "the Parquet file is damaged or of another format; write it anew"
        ) from error
    cells = pa.table(columns, names=[str(number) for number in range(1, len(columns) + 1)])
    return [Sheet("", cells, pa.array(range(cells.num_rows), pa.int32()))]


def _texts(column: pa.ChunkedArray) -> pa.Array:
    """Write a column's values as text: dates in ISO form, numbers exactly, nested ones as JSON."""
    values = whole(column)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    kind = values.type
    if pa.types.is_nested(kind):
        texts = [
            None if value is None else json.dumps(value, ensure_ascii=False, default=str)
            for value in values.to_pylist()
        ]
        return pa.array(texts, pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _decoded(values)
    texts = values.cast(pa.string())
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:  # a text that isn't UTF-8: its bytes stay visible
        return _decoded(texts.cast(pa.binary()))
    if pa.types.is_timestamp(kind):  # no fraction of a second where there is none
        texts = pc.replace_substring_regex(texts, r"\.0+(\D|$)", r"\1")
    return texts


def _decoded(values: pa.Array) -> pa.Array:
    texts = [v if v is None else v.decode("utf-8", "backslashreplace") for v in values.to_pylist()]
    return pa.array(texts, pa.string())
