# An R that stays, for web services: it has started and read what no call changes, and forks for each call.
# A call's fork sees the workspace as it was before the first call; its end, however it comes, ends nothing else.

stay_warm <- function(script, orders, replies, seed, sampling, way) {
    orders <- fifo(orders, "r", blocking = TRUE)
    replies <- file(replies, "w", raw = TRUE)
    options(warn = 1L, keep.source = TRUE)
    if (sampling == "old") suppressWarnings(RNGkind(sample.kind = "Rounding"))
    failure <- NULL
    if (way == "once") {
        prepare_graphics(tempdir())
        if (nzchar(seed)) set.seed(as.integer(seed))
        failure <- run_script(script)
        finish_graphics()
        if (!is.null(failure)) {
            way <- "whole"
            rm(list = ls(globalenv(), all.names = TRUE), envir = globalenv())
        }
    }
    if (way == "whole") load_packages(script)
    repeat {
        exchange <- readLines(orders, 1L)
        if (!length(exchange)) break
        tempdir(check = TRUE)  # a call that ended R took it away
        child <- parallel:::mcfork()
        if (inherits(child, "masterProcess")) {
            answer_call(exchange, script, seed, way)
            parallel:::mcexit(0L)
        }
        while (is.raw(parallel:::readChild(child))) NULL
        unlink_scratch()
        writeLines("ended", replies)
        flush(replies)
    }
}

# One call, in a process of its own.
answer_call <- function(exchange, script, seed, way) {
    ending <- new.env()
    reg.finalizer(ending, function(one) file.create(file.path(exchange, "quit")), onexit = TRUE)
    connected <- which(file.exists(file.path(exchange, c("input1", "input2"))))
    prepare_graphics(exchange)
    offer_ports(exchange, connected)
    # each call draws anew, unless the script or the node says how
    if (!nzchar(seed) && !any(grepl("set.seed", readLines(script, warn = FALSE), fixed = TRUE))) {
        suppressWarnings(rm(".Random.seed", envir = globalenv()))
    }
    failure <- NULL
    if (way == "whole") {
        if (nzchar(seed)) set.seed(as.integer(seed))
        failure <- run_script(script)
    }
    if (is.null(failure)) failure <- take_result(exchange, connected)
    finish_graphics()
    state <- if (is.null(failure)) "done" else failure$kind
    write_outcome(file.path(exchange, "outcome"), state, failure)
    ending
}

# What library() and require() name at the script's top level is read now, so that a call does not wait for it.
load_packages <- function(script) {
    code <- try(parse(script, keep.source = FALSE, encoding = "UTF-8"), silent = TRUE)
    if (inherits(code, "try-error")) return(invisible())
    for (one in code) {
        if (!is.call(one) || length(one) < 2L) next
        if (!(as.character(one[[1L]])[1L] %in% c("library", "require"))) next
        name <- one[[2L]]
        if (is.name(name) || is.character(name)) {
            suppressMessages(suppressWarnings(requireNamespace(as.character(name), quietly = TRUE)))
        }
    }
}

unlink_scratch <- function() {
    unlink(list.files(tempdir(), full.names = TRUE, all.files = TRUE, no.. = TRUE), recursive = TRUE)
}
