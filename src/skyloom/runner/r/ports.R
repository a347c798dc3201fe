# What a script of Studio (classic) calls to reach its ports (studio.md 6). They stand on the search path and
# not in the workspace, so that rm(list = ls()) leaves them alone.

PORTS <- new.env(parent = emptyenv())
PORTS$touched <- FALSE
PORTS$mapped <- FALSE

offer_ports <- function(exchange, connected) {
    input <- function(number) read_input(exchange, connected, number)
    output <- function(name) {
        map_output(exchange, name, parent.frame())
    }
    words <- list(maml.mapInputPort = input, maml.mapOutputPort = output)
    attach(words, name = "skyloom", warn.conflicts = FALSE)
}

read_input <- function(exchange, connected, number) {
    PORTS$touched <- TRUE
    is_port <- is.numeric(number) && length(number) == 1L && number %in% 1:2
    if (!is_port) stop("maml.mapInputPort takes the number of a port, 1 or 2", call. = FALSE)
    if (!(number %in% connected)) {
        notice("Nothing is connected to Dataset", number, ": maml.mapInputPort(", number, ") gave NULL.")
        return(NULL)
    }
    read_frame(file.path(exchange, paste0("input", number)))
}

map_output <- function(exchange, name, from) {
    PORTS$touched <- TRUE
    if (!is.character(name) || length(name) != 1L) {
        stop(
            "maml.mapOutputPort takes the name of a data frame as text, such as ",
            "maml.mapOutputPort(\"result\")", call. = FALSE
        )
    }
    value <- get(name, envir = from)
    if (!is.data.frame(value)) {
        refuse("frame", paste0(
            "maml.mapOutputPort was given '", name, "', which is ", described(value), " and no data frame."
        ))
    }
    if (PORTS$mapped) notice("maml.mapOutputPort was called more than once: the last frame counts.")
    write_frame(value, file.path(exchange, "output1"))
    PORTS$mapped <- TRUE
    invisible()
}

# What azureml_main returned, written to the two ports (Designer; studio.md 6).
write_result <- function(exchange, value) {
    if (is.null(value)) {
        notice("azureml_main returned NULL: the results are empty tables.")
        return(invisible())
    }
    parts <- result_parts(value)
    for (place in seq_along(parts)) {
        part <- parts[[place]]
        if (is.null(part)) next
        if (!is.data.frame(part)) {
            refuse("frame", paste0(
                "azureml_main returned ", described(part), " as dataset", place, "; a data frame is wanted."
            ))
        }
        write_frame(part, file.path(exchange, paste0("output", place)))
    }
}

result_parts <- function(value) {
    if (is.data.frame(value)) return(list(value))
    if (!is.list(value)) {
        refuse("frame", paste0("azureml_main returned ", described(value), "; a data frame is wanted."))
    }
    names <- names(value)
    if (is.null(names)) {
        if (!length(value) || length(value) > 2L) {
            refuse("frame", paste0("azureml_main returned a list of ", length(value), " without names."))
        }
        return(unclass(value))
    }
    unknown <- setdiff(names, c("dataset1", "dataset2"))
    if (!any(names %in% c("dataset1", "dataset2"))) {
        refuse("frame", paste0(
            "azureml_main returned a list with the names ", paste0("'", names, "'", collapse = ", "),
            "; the results are taken from 'dataset1' and 'dataset2'."
        ))
    }
    if (length(unknown)) {
        notice("Left out of what azureml_main returned: ", paste0("'", unknown, "'", collapse = ", "), ".")
    }
    list(value[["dataset1", exact = TRUE]], value[["dataset2", exact = TRUE]])
}

described <- function(value) {
    kind <- class(value)[1L]
    if (is.function(value)) "a function"
    else if (is.null(value)) "NULL"
    else paste(if (grepl("^[aeiou]", kind)) "an" else "a", kind)
}
