# The user's script: its top level in the workspace, one expression after the other and printed as Rscript
# prints them, then azureml_main where there is one.

MAIN <- "azureml_main"

carry_out <- function(exchange, seed, sampling) {
    connected <- which(file.exists(file.path(exchange, c("input1", "input2"))))
    # warnings as they arise, and the lines of what a script source()s
    options(warn = 1L, keep.source = TRUE)
    prepare_graphics(getwd())
    offer_ports(exchange, connected)
    if (sampling == "old") suppressWarnings(RNGkind(sample.kind = "Rounding"))
    if (nzchar(seed)) set.seed(as.integer(seed))
    failure <- run_script(file.path(exchange, "script.R"))
    if (is.null(failure)) failure <- take_result(exchange, connected)
    finish_graphics()
    state <- if (is.null(failure)) "done" else failure$kind
    write_outcome(file.path(exchange, "outcome"), state, failure)
    invisible()
}

run_script <- function(path) {
    lines <- readLines(path, warn = FALSE, encoding = "UTF-8")
    code <- NULL
    failure <- guarded(
        code <- parse(text = lines, srcfile = srcfilecopy("script.R", lines, isFile = FALSE), encoding = "UTF-8")
    )
    if (!is.null(failure)) {
        failure$kind <- "parse"
        return(failure)
    }
    references <- attr(code, "srcref")
    for (place in seq_along(code)) {
        at <- paste0("script.R:", references[[place]][1L])
        failure <- guarded(show(run_code(code[[place]], globalenv())), at)
        if (!is.null(failure)) return(failure)
    }
    NULL
}

run_code <- function(code, place) eval(code, place)

# Evaluate, and print what is visible.
show <- function(code) {
    seen <- withVisible(code)
    if (seen$visible) {
        value <- seen$value
        run_code(quote(print(value)), list2env(list(value = value), parent = globalenv()))
    }
}

take_result <- function(exchange, connected) {
    main <- get0(MAIN, globalenv(), inherits = FALSE)
    if (PORTS$mapped) {
        if (is.function(main)) notice(MAIN, " was not called: the script used maml.mapOutputPort.")
        return(NULL)
    }
    if (is.function(main)) return(call_main(main, exchange, connected))
    drew <- length(list.files(getwd(), "[.]png$", ignore.case = TRUE)) || !is.null(grDevices::dev.list())
    if (PORTS$touched || drew) {
        notice("The script mapped no output: the result is an empty table.")
        return(NULL)
    }
    guarded(refuse("entry", lacking(main)))
}

call_main <- function(main, exchange, connected) {
    wanted <- length(formals(args(main)))
    if (wanted != 2L) {
        notice(MAIN, " takes ", wanted, if (wanted == 1L) " argument" else " arguments", "; two are usual.")
    }
    # nothing; the first connected input; or both by port, NULL for one that is not connected
    numbers <- if (wanted == 0L) integer() else if (wanted == 1L) c(connected, 1L)[1L] else 1:2
    given <- lapply(numbers, function(number) {
        if (number %in% connected) read_frame(file.path(exchange, paste0("input", number)))
    })
    words <- paste0("dataframe", numbers)[seq_along(numbers)]
    place <- new.env(parent = globalenv())
    for (index in seq_along(words)) assign(words[index], given[[index]], place)
    rm(given)
    value <- NULL
    failure <- guarded(value <- run_code(as.call(lapply(c(MAIN, words), as.name)), place))
    if (is.null(failure)) failure <- guarded(write_result(exchange, value))
    failure
}

lacking <- function(main) {
    if (!is.null(main)) return(paste0(MAIN, " is ", described(main), " and no function."))
    names <- ls(globalenv())
    close <- names[agrepl(MAIN, names, max.distance = 3L, ignore.case = TRUE)]
    hint <- if (length(close)) paste0(" There is '", close[1L], "'.") else ""
    paste0("The script defines no function ", MAIN, " and never calls maml.mapOutputPort.", hint)
}
