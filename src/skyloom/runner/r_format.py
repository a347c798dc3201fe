"""The form of a bridge file, in which a table goes into R and comes out of it.

R has no reader of Arrow of its own, so this is made of what base R's ``readBin`` and ``writeBin`` can do,
column by column (docs/decisions/0012). Numbers are little-endian; text is UTF-8 and ends with a zero byte.

    "SKYRTBL1", columns int32, rows float64, then for every column: kind int32, name, mark, cells

| kind | cells | missing |
|---|---|---|
| logical | int8 | -1 |
| integer | int32 | least int32 |
| double | float64 | NaN with R's payload |
| text | has missing int8, is ASCII int8 (R leaves it 0), presence int8 a row where something is missing, \
length float64, the texts | presence 0 |
| moment | float64 seconds since 1970; the mark is the time zone | NaN |
| span | float64 seconds | NaN |
| factor | int32 codes from 1 on, number of levels int32, levels as text; the mark is "ordered" or empty | \
least int32 |
| bytes | has missing int8, presence int8 a row, lengths float64, the bytes | presence 0 |
| day | float64 days since 1970 (out of R only) | NaN |
| integer64 | int64, of package bit64 (out of R only) | least int64 |

The same in R: ``r/format.R``.
"""

from __future__ import annotations

MAGIC = b"SKYRTBL1"
LOGICAL, INTEGER, DOUBLE, TEXT, MOMENT, SPAN, FACTOR, BYTES, DAY, INTEGER64 = range(1, 11)

MISSING_INTEGER = -(2**31)
LARGEST_INTEGER = 2**31 - 1
LARGEST_EXACT = 2**53  # beyond it float64 leaves whole numbers out
MISSING_DOUBLE = 0x7FF00000000007A2  # the NaN that R prints as NA
MOST_ROWS = 2**31 - 1  # of a data frame

# the zone that R runs in: its name on a column means that the column has none of its own, for R writes its
# own zone's name on times that were given no zone
LOCAL_ZONE = "Etc/UTC"
TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}  # in a second
