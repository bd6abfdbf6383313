# The emulator with all its parts on Debian slim, with Debian's ffmpeg, as an unprivileged user.
#
#   docker build -t oss-livechannel-emulator .
#   docker run -p 9000:9000 -p 9000:9000/udp -p 1935:1935 -v oss-livechannel:/data oss-livechannel-emulator
FROM node:22-bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends python3 make g++ && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npx tsx scripts/lay-out.ts /image

FROM node:22-bookworm-slim
# Every user may make a data folder of its own, as with docker run --user.
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/* \
 && mkdir --mode=1777 /data
WORKDIR /app
COPY --from=build /image ./
ENV OSS_LIVECHANNEL_HOST=0.0.0.0 OSS_LIVECHANNEL_DATA_DIR=/data
VOLUME /data
EXPOSE 9000 9000/udp 1935
USER node
HEALTHCHECK --interval=5s --timeout=2s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9000/_emulator/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/main.js"]
