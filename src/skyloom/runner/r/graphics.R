# Plots become PNG files of the working folder by themselves: each device that is opened without a name of its
# own writes one file a page (studio.md 6, "automatic PNG graphics devices").

prepare_graphics <- function(folder) {
    kind <- if (capabilities("cairo")) "cairo" else if (capabilities("png")) "Xlib"
    if (is.null(kind)) {
        notice("This R cannot draw PNG images: plots are not shown.")
        return(invisible())
    }
    opened <- 0L
    options(bitmapType = kind, device = function(...) {
        opened <<- opened + 1L
        # two numbers: the pages of a later device must not take the names of an earlier one's
        name <- sprintf("rplot%02d-%%03d.png", opened)
        grDevices::png(file.path(folder, name), width = 800L, height = 600L, res = 96L, type = kind)
    })
}

finish_graphics <- function() {
    while (!is.null(grDevices::dev.list())) {
        before <- length(grDevices::dev.list())
        try(grDevices::dev.off(), silent = TRUE)
        if (length(grDevices::dev.list()) >= before) break
    }
}
