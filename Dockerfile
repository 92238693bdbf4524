# An image with Node and the built program: `docker build --tag hypogeum .`
# The stage `build` writes dist/, with all development dependencies. The stage `packages` installs the packages that dist/ needs. The last
# stage contains the results of both.

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
# The files keep the modes of the checkout. The user of the last stage must be able to read them even if others may not read the checkout.
RUN npm run build && node tools/build/stripScripts.ts && chmod --recursive a+rX package.json dist

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=2567 DATA_DIR=/var/lib/hypogeum
# A new volume that is mounted here gets the owner of this directory.
RUN install --directory --owner node --group node --mode 0700 /var/lib/hypogeum
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /build/package.json ./
COPY --from=build /build/dist dist
# The numeric id of the user `node`: for runAsNonRoot, Kubernetes can check only numeric ids.
USER 1000:1000
VOLUME /var/lib/hypogeum
EXPOSE 2567
STOPSIGNAL SIGTERM
# /healthz answers as soon as the process listens on PORT.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/src/main/hypogeum.cjs"]
