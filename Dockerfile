# What is served: made in the first stages, run in the last, which has neither sources nor build tools.
FROM node:24-bookworm-slim AS packages
WORKDIR /src
COPY . .
RUN npm ci && npm run pack

FROM node:24-bookworm-slim AS installed
WORKDIR /app
COPY --from=packages /src/dist-packages/*.tgz /tmp/
RUN echo '{"private": true}' > package.json && npm install --omit=dev --ignore-scripts --no-audit --no-fund /tmp/*.tgz

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    MOORING_HOST=0.0.0.0 \
    MOORING_DATA_DIR=/data \
    XDG_CACHE_HOME=/tmp \
    PATH=/app/node_modules/.bin:$PATH
RUN install -d -o node -g node -m 0700 /data
COPY --from=installed /app /app
USER node
VOLUME /data
EXPOSE 4280
HEALTHCHECK --start-period=20s --interval=10s --timeout=3s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.MOORING_PORT || 4280) + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["mooring-server"]
