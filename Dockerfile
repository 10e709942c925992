# syntax=docker/dockerfile:1
# Three images of one node: `silo` serves and crops, `trainer` also trains on the CPU, `cuda` also trains on a GPU.
#   docker build --target trainer --tag lipsol .
# tests/dockerfile-steps.sh runs these steps without an engine, in fresh Debian folders.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0
ARG NODE_IMAGE=node:22-bookworm-slim
ARG CUDA_IMAGE=nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04

FROM ${NODE_IMAGE} AS npm

FROM ${SDK_IMAGE} AS build
# npm brings the landmark models, the page's font and the notebooks' library of diagrams; the build checks them by hash.
COPY --from=npm /usr/local/bin/node /usr/local/bin/node
COPY --from=npm /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln --symbolic ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
WORKDIR /source
COPY . .
# The commit, for the runs' records: the build sees no .git.
ARG COMMIT=
RUN dotnet publish src/LipSol.Cli --configuration Release --runtime linux-x64 --no-self-contained --output /app/cli -p:SourceRevisionId=$COMMIT \
    && ln --symbolic LipSol.Cli /app/cli/lipsol

FROM build AS build-silo
# A worker without libtorch: it crops uploads and can't train.
RUN dotnet publish src/LipSol.Silo --configuration Release --runtime linux-x64 --no-self-contained --output /app/silo -p:SourceRevisionId=$COMMIT \
    && dotnet publish src/LipSol.Worker --configuration Release --runtime linux-x64 --no-self-contained --output /app/worker -p:SourceRevisionId=$COMMIT -p:LipSolAccelerator=none

FROM build AS build-trainer
RUN dotnet publish src/LipSol.Silo --configuration Release --runtime linux-x64 --no-self-contained --output /app/silo -p:SourceRevisionId=$COMMIT \
    && dotnet publish src/LipSol.Worker --configuration Release --runtime linux-x64 --no-self-contained --output /app/worker -p:SourceRevisionId=$COMMIT -p:LipSolAccelerator=cpu

FROM build AS build-cuda
RUN dotnet publish src/LipSol.Silo --configuration Release --runtime linux-x64 --no-self-contained --output /app/silo -p:SourceRevisionId=$COMMIT -p:LipSolAccelerator=cuda \
    && dotnet publish src/LipSol.Worker --configuration Release --runtime linux-x64 --no-self-contained --output /app/worker -p:SourceRevisionId=$COMMIT -p:LipSolAccelerator=cuda

FROM ${RUNTIME_IMAGE} AS runtime
# /shared is for nodes of a cluster: a new volume gets its owner from the folder that it is mounted on.
# GTK 3, libdrm and libatomic are what OpenCV's library is linked against; curl asks for the node's health.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends curl libatomic1 libdrm2 libgtk-3-0 \
    && rm -rf /var/lib/apt/lists/* \
    && (id app >/dev/null 2>&1 || useradd --uid 1654 --create-home app) \
    && install --directory --owner=app --group=app --mode=0700 /data /shared

FROM runtime AS node
ENV LIPSOL_DATA=/data PATH=/app/cli:$PATH
COPY NOTICE /app/NOTICE
COPY build/smoke /app/smoke
WORKDIR /data
USER app
VOLUME /data
EXPOSE 5000
# A node that migrates a large database may take a while until it is ready; it is alive meanwhile.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["curl", "--fail", "--silent", "--show-error", "http://127.0.0.1:5000/health/ready"]
ENTRYPOINT ["dotnet", "/app/silo/LipSol.Silo.dll", "--data", "/data", "--port", "5000"]
CMD ["--bind", "0.0.0.0"]

FROM node AS silo
COPY --from=build-silo /app /app
CMD ["--bind", "0.0.0.0", "--slots", "0"]

FROM node AS trainer
COPY --from=build-trainer /app /app

FROM ${CUDA_IMAGE} AS cuda
COPY --from=runtime /usr/share/dotnet /usr/share/dotnet
RUN ln --symbolic /usr/share/dotnet/dotnet /usr/bin/dotnet \
    && apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl libatomic1 libdrm2 libgtk-3-0 libicu74 tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && (id app >/dev/null 2>&1 || useradd --uid 1654 --create-home app) \
    && install --directory --owner=app --group=app --mode=0700 /data /shared
ENV LIPSOL_DATA=/data PATH=/app/cli:$PATH
COPY NOTICE /app/NOTICE
COPY build/smoke /app/smoke
COPY --from=build-cuda /app /app
WORKDIR /data
USER app
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["curl", "--fail", "--silent", "--show-error", "http://127.0.0.1:5000/health/ready"]
ENTRYPOINT ["dotnet", "/app/silo/LipSol.Silo.dll", "--data", "/data", "--port", "5000"]
CMD ["--bind", "0.0.0.0"]
