# The program as a package, on Node alone: `docker build --tag hypogeum .`
# Stages: `build` writes dist/ with all development dependencies, `packages` installs what dist/ needs, and the last one has both.

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=2567 DATA_DIR=/var/lib/hypogeum
# A volume that is mounted here for the first time belongs to this user.
RUN install --directory --owner node --group node --mode 0700 /var/lib/hypogeum
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /build/package.json ./
COPY --from=build /build/dist dist
# The number of the user `node`: Kubernetes can check only numbers.
USER 1000:1000
VOLUME /var/lib/hypogeum
EXPOSE 2567
STOPSIGNAL SIGTERM
# /healthz answers as soon as the process listens, on HEALTH_PORT too.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/src/main/hypogeum.cjs"]
