# What went wrong, told to the agent's side in words: R's own message, the call, the line and the call stack.

MOST_CALLS <- 100L
OUTCOME <- new.env(parent = emptyenv())
OUTCOME$notices <- character()

notice <- function(...) OUTCOME$notices <- c(OUTCOME$notices, paste0(...))

# An error of ours: `kind` says which code it gets.
refuse <- function(kind, message) {
    stop(structure(
        class = c("skyloom_refusal", "error", "condition"),
        list(message = message, call = NULL, kind = kind)
    ))
}

# Run code of the user; `place` is the line of the expression at the script's top level, where there is one.
guarded <- function(code, place = NULL) {
    failure <- NULL
    tryCatch(
        withCallingHandlers(code, error = function(error) {
            calls <- sys.calls()
            calls <- calls[seq_len(length(calls) - 1L)]  # without this handler
            failure <<- try(told(error, calls, place), silent = TRUE)
        }),
        error = function(error) {
            if (!is.list(failure)) failure <<- told(error, list(), place)
        }
    )
    failure
}

# Everything about one error, as a list of texts.
told <- function(error, calls, place) {
    calls <- users_calls(calls)
    lines <- vapply(calls, line_of, "")
    where <- c(place, lines[nzchar(lines)])
    # a function written in C has no call of its own; the handler's own call tells the line it was called at
    if (length(calls) && is_handling(calls[[length(calls)]])) {
        calls <- calls[-length(calls)]
        lines <- lines[-length(lines)]
    }
    list(
        kind = if (inherits(error, "skyloom_refusal")) error$kind else "error",
        message = conditionMessage(error)[1L],
        call = if (is.null(conditionCall(error))) "" else short(conditionCall(error)),
        where = if (length(where)) where[length(where)] else "",
        stack = stack_text(calls, lines)
    )
}

# The calls below our `run_code`, the one that handles the error still with them.
users_calls <- function(calls) {
    ours <- which(vapply(calls, function(call) identical(call[[1L]], quote(run_code)), NA))
    if (!length(ours)) return(list())
    calls[seq_along(calls) > ours[1L] + 2L]  # behind it: two frames of eval()
}

is_handling <- function(call) identical(call[[1L]], quote(.handleSimpleError))

line_of <- function(call) {
    reference <- attr(call, "srcref")
    if (is.null(reference)) return("")
    source <- attr(reference, "srcfile")
    name <- if (is.null(source$filename)) "" else source$filename
    paste0(if (nzchar(name)) name else "script.R", ":", reference[1L])
}

short <- function(call) {
    text <- deparse(call, width.cutoff = 60L, nlines = 2L)
    if (length(text) > 1L) paste(text[1L], "...") else text
}

stack_text <- function(calls, lines) {
    if (!length(calls)) return("")
    texts <- vapply(calls, short, "")
    at <- ifelse(nzchar(lines), paste0(" at ", lines), "")
    rows <- paste0("  ", seq_along(texts), ": ", texts, at)
    if (length(rows) > MOST_CALLS) {
        half <- MOST_CALLS %/% 2L
        gap <- paste0("  [", length(rows) - 2L * half, " calls left out]")
        rows <- c(rows[seq_len(half)], gap, rows[seq(length(rows) - half + 1L, length(rows))])
    }
    paste(rows, collapse = "\n")
}

# The last thing that is written: how the script ended. Nothing after it can take it back.
write_outcome <- function(path, state, failure = NULL) {
    parts <- if (is.null(failure)) rep("", 4L) else unlist(failure[c("message", "call", "where", "stack")])
    draft <- paste0(path, ".draft")
    to <- file(draft, "wb")
    write_words(c("SKYROUT1", state, parts, OUTCOME$notices), to)
    close(to)
    file.rename(draft, path)
}
