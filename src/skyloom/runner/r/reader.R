# A bridge file as a data frame: names as they are, row names 1, 2, 3 ...

read_frame <- function(path) {
    from <- file(path, "rb")
    on.exit(close(from))
    if (!identical(readBin(from, "raw", 8L), MAGIC)) stop("the input of this node is damaged")
    count <- read_integers(from, 1L)
    rows <- read_doubles(from, 1L)
    columns <- vector("list", count)
    names <- character(count)
    for (place in seq_len(count)) {
        kind <- read_integers(from, 1L)
        names[place] <- read_word(from)
        mark <- read_word(from)
        columns[[place]] <- READERS[[kind]](from, rows, mark)
    }
    names(columns) <- names
    attr(columns, "row.names") <- .set_row_names(as.integer(rows))
    class(columns) <- "data.frame"
    columns
}

read_text <- function(from, rows) {
    has_missing <- read_flags(from, 1L)
    is_ascii <- read_flags(from, 1L)
    present <- if (has_missing) read_flags(from, rows)
    size <- read_doubles(from, 1L)
    # out of memory is ten times as fast as out of a file, but holds two billion bytes at most
    source <- if (size <= LARGEST_VECTOR) readBin(from, "raw", size) else from
    values <- readBin(source, "character", rows)
    if (!is_ascii) Encoding(values) <- "UTF-8"
    if (has_missing) values[present == 0L] <- NA_character_
    values
}

read_moments <- function(from, rows, zone) {
    values <- read_doubles(from, rows)
    class(values) <- c("POSIXct", "POSIXt")
    if (nzchar(zone)) attr(values, "tzone") <- zone
    values
}

read_factor <- function(from, rows, mark) {
    codes <- read_integers(from, rows)
    count <- read_integers(from, 1L)  # read now: arguments of R are evaluated late
    levels <- read_text(from, count)
    attr(codes, "levels") <- levels
    class(codes) <- if (mark == "ordered") c("ordered", "factor") else "factor"
    codes
}

read_bytes <- function(from, rows) {
    has_missing <- read_flags(from, 1L)
    present <- if (has_missing) read_flags(from, rows) else rep(1L, rows)
    sizes <- read_doubles(from, rows)
    cells <- vector("list", rows)
    for (place in seq_len(rows)) {
        cell <- readBin(from, "raw", sizes[place])
        if (present[place]) cells[[place]] <- cell
    }
    cells
}

# by kind, in the order of KINDS; days and integer64 come out of R only
READERS <- list(
    function(from, rows, mark) {
        values <- read_flags(from, rows)
        values[values < 0L] <- NA
        as.logical(values)
    },
    function(from, rows, mark) read_integers(from, rows),
    function(from, rows, mark) read_doubles(from, rows),
    function(from, rows, mark) read_text(from, rows),
    read_moments,
    function(from, rows, mark) {
        structure(read_doubles(from, rows), units = "secs", class = "difftime")
    },
    read_factor,
    function(from, rows, mark) read_bytes(from, rows)
)
