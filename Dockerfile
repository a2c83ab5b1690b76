# dedit in a container: docker build -t dedit . && docker run -p 3000:3000 -v dedit:/data dedit
# Two stages, so that the compiler and the test tools stay behind. The GPU: docs/gpu.md.
FROM node:22-bookworm-slim AS build
WORKDIR /dedit
COPY package.json package-lock.json .npmrc ./
COPY scripts scripts
# nothing of the project's own is compiled before it is there
RUN npm ci --ignore-scripts
COPY prisma prisma
COPY prisma.config.ts tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run prepare && npm prune --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
ENV NODE_ENV=production DATA_DIR=/data WEB_HOST=0.0.0.0 HOME=/data
WORKDIR /dedit
COPY --from=build /dedit/node_modules node_modules
COPY --from=build /dedit/scripts/no-download scripts/no-download
COPY --from=build /dedit/dist dist
COPY package.json LICENSE NOTICE ./
COPY bin bin
COPY prisma/migrations prisma/migrations
COPY checkpoints checkpoints
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WEB_PORT ?? 3000}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# node itself, so that SIGTERM puts the work under way back
ENTRYPOINT ["node", "bin/dedit.js"]
CMD ["start"]
