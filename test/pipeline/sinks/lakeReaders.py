"""Runs the Python code of stdin. Prints each result that the code prints or shows, as one line of JSON: a list of rows."""
import json
import sys

import pandas
import polars
from pyspark.sql.classic.dataframe import DataFrame

results = []


def rows_of(result):
    if isinstance(result, pandas.Series):
        return result.reset_index().to_dict("records")
    if isinstance(result, pandas.DataFrame):
        return result.to_dict("records")
    if isinstance(result, polars.DataFrame):
        return result.to_dicts()
    return [row.asDict() for row in result.collect()]


def plain(value):
    return value.item() if hasattr(value, "item") else str(value)


DataFrame.show = lambda frame: results.append(frame)
exec(compile(sys.stdin.read(), "docs/lake.md", "exec"), {"print": results.append})
for result in results:
    print(json.dumps(rows_of(result), default=plain))
