# One image per process: docker build --build-arg SERVICE=wallet -t encore-wallet .
# What happens once for all of them, databases and demo data, is the target `migrations`.
ARG NODE_IMAGE=node:24-slim

# Only what decides which packages are needed: the layers below stay cached while sources change.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY libs libs
COPY packages packages
COPY services services
RUN find . -type f ! -name package.json -delete && find . -mindepth 1 -type d -empty -delete
COPY package.json package-lock.json .npmrc ./

# Compiles every service once; all images take their part from here.
FROM manifests AS build
RUN npm ci
COPY tsconfig.json tsconfig.base.json ./
COPY libs libs
COPY packages packages
COPY services services
RUN npm run build

# What runs and nothing else: no sources, no tests, no compiler output about types.
RUN for package in libs/* services/*; do \
      mkdir -p "/out/$package" && cp "$package/package.json" "/out/$package/" && \
      for part in dist migrations; do \
        if [ -d "$package/$part" ]; then cp -r "$package/$part" "/out/$package/"; fi; \
      done; \
    done && \
    rm -rf /out/libs/testing && \
    find /out -name '*.d.ts' -delete -o -name '*.d.ts.map' -delete -o -name '.tsbuildinfo' -delete

FROM manifests AS migrations-packages
RUN npm ci --omit=dev --workspace libs/service-kit

FROM ${NODE_IMAGE} AS migrations
ENV NODE_ENV=production
WORKDIR /app
COPY --from=migrations-packages /app ./
COPY --from=build /out ./
COPY scripts scripts
USER node
CMD ["node", "scripts/prepare-databases.mjs"]

FROM manifests AS service-packages
ARG SERVICE
RUN test -n "$SERVICE" || { echo 'Say which service: --build-arg SERVICE=wallet' >&2; exit 64; }
RUN npm ci --omit=dev --workspace "services/$SERVICE"

FROM ${NODE_IMAGE} AS service
ARG SERVICE
ARG VERSION=development
ENV NODE_ENV=production \
    SERVICE_VERSION=${VERSION} \
    HEALTH_PORT=8081 \
    METRICS_PORT=9091
WORKDIR /app
COPY --from=service-packages /app/node_modules node_modules
COPY --from=service-packages /app/libs libs
COPY --from=service-packages /app/services/${SERVICE} services/${SERVICE}
COPY --from=build /out/libs libs
COPY --from=build /out/services/${SERVICE} services/${SERVICE}
COPY package.json ./
USER node
WORKDIR /app/services/${SERVICE}
# Ready, not just alive: whoever waits for this container wants an answer from it. A busy machine may
# take long to start; the first answer ends the start period. In bash, because a node started every
# five seconds for each container is what makes a machine busy.
HEALTHCHECK --interval=5s --timeout=5s --start-period=120s --retries=6 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$HEALTH_PORT && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && read -t 4 -r _ status _ <&3 && test \"$status\" = 200"]
# Node is the first process: it gets the SIGTERM itself and drains. Its arguments are those of
# scripts/system.mjs, which says why.
CMD ["node", "--enable-source-maps", "--use-largepages=silent", "--max-semi-space-size=64", \
  "--heap-growing-percent=100", "dist/main.js"]
