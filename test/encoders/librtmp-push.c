/*
 * Pushes an FLV file in real time, over and over, with librtmp. `librtmp-push URL FILE [ROUNDS]`.
 * Exit codes: 0 pushed, 1 could not connect, 2 the connection broke.
 */
#include <librtmp/log.h>
#include <librtmp/rtmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILE_HEADER = 13, TAG_HEADER = 11, BACK_POINTER = 4 };

static volatile sig_atomic_t stopped;

static void stop(int signal) { (void)signal; stopped = 1; }

static unsigned read24(const unsigned char *at) { return at[0] << 16 | at[1] << 8 | at[2]; }

/* Sends the tags from `at` on, each at its time plus `offset_ms`; returns the time of the last one. */
static int push(RTMP *rtmp, unsigned char *at, unsigned char *end, unsigned offset_ms, unsigned *now_ms) {
  unsigned last_ms = offset_ms;
  while (at + TAG_HEADER < end && !stopped) {
    unsigned size = TAG_HEADER + read24(at + 1) + BACK_POINTER;
    unsigned time_ms = (read24(at + 4) | (unsigned)at[7] << 24) + offset_ms;
    if (at + size > end) break;
    if (time_ms > *now_ms) {
      usleep((time_ms - *now_ms) * 1000);
      *now_ms = time_ms;
    }
    unsigned char saved[4] = {at[4], at[5], at[6], at[7]};
    at[4] = time_ms >> 16, at[5] = time_ms >> 8, at[6] = time_ms, at[7] = time_ms >> 24;
    int written = RTMP_Write(rtmp, (const char *)at, (int)size);
    at[4] = saved[0], at[5] = saved[1], at[6] = saved[2], at[7] = saved[3];
    if (written <= 0) return -1;
    last_ms = time_ms;
    at += size;
  }
  return (int)last_ms;
}

int main(int count, char **values) {
  if (count < 3) return 1;
  FILE *file = fopen(values[2], "rb");
  static unsigned char flv[1 << 24];
  size_t size = file ? fread(flv, 1, sizeof flv, file) : 0;
  if (size <= FILE_HEADER) return 1;
  int rounds = count > 3 ? atoi(values[3]) : 1000;
  signal(SIGINT, stop);

  RTMP_LogSetLevel(RTMP_LOGWARNING);
  RTMP *rtmp = RTMP_Alloc();
  RTMP_Init(rtmp);
  if (!RTMP_SetupURL(rtmp, values[1])) return 1;
  RTMP_EnableWrite(rtmp);
  if (!RTMP_Connect(rtmp, NULL) || !RTMP_ConnectStream(rtmp, 0)) return 1;
  unsigned now_ms = 0, offset_ms = 0;
  for (int round = 0; round < rounds && !stopped; round++) {
    int last_ms = push(rtmp, flv + FILE_HEADER, flv + size, offset_ms, &now_ms);
    if (last_ms < 0) return 2;
    offset_ms = (unsigned)last_ms + 40;
  }
  RTMP_Close(rtmp);
  RTMP_Free(rtmp);
  return 0;
}
