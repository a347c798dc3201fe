# The form of a bridge file; its twin is runner/r_format.py, where it is described.

MAGIC <- charToRaw("SKYRTBL1")
KINDS <- c(
    logical = 1L, integer = 2L, double = 3L, text = 4L, moment = 5L, span = 6L, factor = 7L,
    bytes = 8L, day = 9L, integer64 = 10L
)
LARGEST_VECTOR <- 2^31 - 1

read_integers <- function(from, count) readBin(from, "integer", count, size = 4L, endian = "little")
read_doubles <- function(from, count) readBin(from, "double", count, size = 8L, endian = "little")
read_flags <- function(from, count) readBin(from, "integer", count, size = 1L, signed = TRUE)
read_word <- function(from) {
    word <- readBin(from, "character", 1L)
    Encoding(word) <- "UTF-8"
    word
}

write_integers <- function(values, to) writeBin(as.integer(values), to, size = 4L, endian = "little")
write_doubles <- function(values, to) writeBin(as.double(values), to, size = 8L, endian = "little")
write_flags <- function(values, to) writeBin(as.integer(values), to, size = 1L)
write_words <- function(values, to) writeBin(utf8(values), to, useBytes = TRUE)

# Text as UTF-8, whatever encoding it is marked with; "bytes" are taken as they are and judged by the reader.
utf8 <- function(values) {
    values <- as.character(values)
    unknown <- Encoding(values) == "bytes"
    if (any(unknown)) Encoding(values)[unknown] <- "unknown"
    enc2utf8(values)
}
