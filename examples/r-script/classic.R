# The same module as Studio (classic) had it: ports by number and by name.
flowers <- maml.mapInputPort(1)
model <- lm(`petal width (cm)` ~ `petal length (cm)`, data = flowers)
flowers$fitted <- fitted(model)
plot(flowers[["petal length (cm)"]], flowers[["petal width (cm)"]])
abline(model)
maml.mapOutputPort("flowers")
