# Means by species, computed in R; the plots are kept with the run.
azureml_main <- function(dataframe1, dataframe2) {
    dataframe1$species <- factor(dataframe1$species)
    measured <- names(dataframe1)[sapply(dataframe1, is.numeric)]

    means <- aggregate(dataframe1[measured], dataframe1["species"], mean)
    print(means)

    pairs(dataframe1[measured], col = dataframe1$species, main = "Iris")
    boxplot(dataframe1[["petal length (cm)"]] ~ dataframe1$species, xlab = "", ylab = "petal length (cm)")

    list(dataset1 = means, dataset2 = data.frame(species = levels(dataframe1$species)))
}
