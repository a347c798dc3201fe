# One image for the server and for agents; compose.yaml starts both.
FROM python:3.12-slim-bookworm AS built
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN pip install --no-cache-dir build && python -m build --wheel --outdir /wheels .

FROM python:3.12-slim-bookworm
# R for Execute R Script, libgomp for LightGBM
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 r-base-core && rm -rf /var/lib/apt/lists/*
COPY --from=built /wheels /wheels
RUN pip install --no-cache-dir "$(echo /wheels/skyloom-*.whl)[postgresql,azure,s3]" && rm -r /wheels
RUN useradd --create-home loom && mkdir /home/loom/skyloom && chown loom /home/loom/skyloom
USER loom
ENV SKYLOOM_HOME=/home/loom/skyloom
VOLUME /home/loom/skyloom
EXPOSE 8421
CMD ["skyloom", "agent", "--home", "/home/loom/skyloom"]
