# A data frame as a bridge file. It is written beside its place and moved there whole.

write_frame <- function(frame, path) {
    rows <- as.integer(abs(.row_names_info(frame, 2L)))
    columns <- flat_columns(frame)
    draft <- paste0(path, ".draft")
    to <- file(draft, "wb")
    on.exit(close(to))
    writeBin(MAGIC, to)
    write_integers(length(columns), to)
    write_doubles(rows, to)
    for (column in columns) write_column(column$values, column$name, rows, to)
    close(to)
    on.exit()
    file.rename(draft, path)
}

# Columns side by side: a matrix or a frame inside a column gives one column for each of its own, and is named
# as R prints it.
flat_columns <- function(frame) {
    parts <- unclass(frame)
    names <- names(parts)
    if (is.null(names)) names <- character(length(parts))
    names[is.na(names)] <- "NA"
    found <- list()
    for (place in seq_along(parts)) {
        found <- c(found, flat_column(parts[[place]], names[place]))
    }
    found
}

flat_column <- function(values, name) {
    if (is.data.frame(values)) {
        inner <- flat_columns(values)
        return(lapply(inner, function(column) {
            list(name = paste(name, column$name, sep = "."), values = column$values)
        }))
    }
    width <- if (length(dim(values)) == 2L) ncol(values) else 1L
    if (length(dim(values)) != 2L || width == 1L) return(list(list(name = name, values = values)))
    inner <- colnames(values)
    if (is.null(inner)) inner <- as.character(seq_len(width))
    lapply(seq_len(width), function(place) {
        list(name = paste(name, inner[place], sep = "."), values = values[, place])
    })
}

write_column <- function(values, name, rows, to) {
    if (inherits(values, "POSIXlt")) values <- as.POSIXct(values)
    kind <- kind_of(values, name)
    if (length(values) != rows) {
        refuse("frame", paste0(
            "Column '", name, "' has ", length(values), " values in a data frame of ", rows, " rows."
        ))
    }
    mark <- switch(kind,
        moment = zone_of(values),
        factor = if (is.ordered(values)) "ordered" else "",
        ""
    )
    write_integers(KINDS[[kind]], to)
    write_words(c(name, mark), to)
    WRITERS[[kind]](values, to)
}

kind_of <- function(values, name) {
    if (is.factor(values)) return("factor")
    if (inherits(values, "POSIXct")) return("moment")
    if (inherits(values, "Date")) return("day")
    if (inherits(values, "difftime")) return("span")
    if (inherits(values, "integer64")) return("integer64")
    kind <- switch(typeof(values),
        logical = "logical", integer = "integer", raw = "integer", double = "double",
        character = "text", list = if (holds_bytes(values)) "bytes"
    )
    if (is.null(kind)) {
        what <- if (is.list(values)) "a list" else paste("of type", class(values)[1L])
        refuse("type", paste0("Column '", name, "' is ", what, "; a dataset has no such column."))
    }
    kind
}

holds_bytes <- function(values) {
    all(vapply(values, function(cell) is.null(cell) || is.raw(cell), NA))
}

zone_of <- function(values) {
    zone <- attr(values, "tzone")[1L]
    if (is.null(zone) || is.na(zone)) "" else as.character(zone)
}

write_text <- function(values, to) {
    values <- utf8(values)
    missing <- is.na(values)
    write_flags(c(any(missing), FALSE), to)
    if (any(missing)) {
        write_flags(!missing, to)
        values[missing] <- ""
    }
    write_doubles(sum(as.double(nchar(values, "bytes"))) + length(values), to)
    writeBin(values, to, useBytes = TRUE)
}

write_factor <- function(values, to) {
    levels <- levels(values)
    codes <- as.integer(values)
    gone <- is.na(levels)
    if (any(gone)) {
        # a level NA is no category but a missing value
        codes <- cumsum(!gone)[codes] * ifelse(gone, NA_integer_, 1L)[codes]
        levels <- levels[!gone]
    }
    write_integers(codes, to)
    write_integers(length(levels), to)
    write_text(levels, to)
}

write_bytes <- function(values, to) {
    missing <- vapply(values, is.null, NA)
    write_flags(any(missing), to)
    if (any(missing)) write_flags(!missing, to)
    write_doubles(lengths(values), to)
    for (cell in values) if (!is.null(cell)) writeBin(cell, to)
}

WRITERS <- list(
    logical = function(values, to) {
        flags <- as.integer(values)
        flags[is.na(flags)] <- -1L
        write_flags(flags, to)
    },
    integer = write_integers,
    double = write_doubles,
    text = write_text,
    moment = function(values, to) write_doubles(unclass(values), to),
    span = function(values, to) write_doubles(as.double(values, units = "secs"), to),
    factor = write_factor,
    bytes = write_bytes,
    day = function(values, to) write_doubles(unclass(values), to),
    integer64 = function(values, to) write_doubles(unclass(values), to)
)
