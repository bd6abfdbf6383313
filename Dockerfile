# The emulator on Debian slim with Debian's ffmpeg, as an unprivileged user.
#
#   docker build -t oss-livechannel-emulator .
#   docker run -p 9000:9000 -p 9000:9000/udp -p 1935:1935 -v oss-livechannel:/data oss-livechannel-emulator
FROM node:22-bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends python3 make g++ && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
# Debian's ffmpeg takes the place of the optional one.
RUN npm run build && npm prune --omit=dev && rm -rf node_modules/ffmpeg-static

FROM node:22-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/* \
 && mkdir /data && chown node:node /data
WORKDIR /app
COPY --from=build /app/package.json /app/README.md /app/LICENSE ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# The clip that `publish` pushes.
COPY --from=build /app/fixtures/clips/h264-aac.flv ./fixtures/clips/
ENV OSS_LIVECHANNEL_HOST=0.0.0.0 OSS_LIVECHANNEL_DATA_DIR=/data
VOLUME /data
EXPOSE 9000 9000/udp 1935
USER node
HEALTHCHECK --interval=5s --timeout=2s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9000/_emulator/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/main.js"]
