# The R side of Execute R Script: started as `Rscript --vanilla main.R HERE FUNCTION WORDS...`, where FUNCTION
# is `carry_out` (one node of a run) or `stay_warm` (a web service).
# Everything of ours lives in an environment above base, where nothing that a script defines is seen by it.

(function(words) {
    ours <- new.env(parent = baseenv())
    for (name in c("format", "reader", "writer", "failure", "graphics", "ports", "script", "warm")) {
        sys.source(file.path(words[1L], paste0(name, ".R")), ours, keep.source = FALSE)
    }
    do.call(ours[[words[2L]]], as.list(words[-(1:2)]))
})(commandArgs(trailingOnly = TRUE))
