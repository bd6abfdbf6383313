/** Figures, times and names as the page shows them. */
import type { RoomSubject, StreamSubject } from '../events/subjects.ts';

export function bitRate(bitsPerSec: number): string {
  if (bitsPerSec >= 1e6) return `${(bitsPerSec / 1e6).toFixed(2)} Mbit/s`;
  return `${Math.round(bitsPerSec / 1e3)} kbit/s`;
}

/** `0 B`, `1.5 KiB`, `5 GiB`. */
export function fileSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${Number((bytes / 1024 ** step).toFixed(1)).toLocaleString('en')} ${units[step]}`;
}

/** `0:07`, `12:34`, `1:02:03`, `2 d 3:04:05`. */
export function duration(ms: number): string {
  const totalSec = Math.max(0, Math.round(ms / 1000));
  const days = Math.floor(totalSec / 86_400);
  const hours = Math.floor((totalSec % 86_400) / 3600);
  const minutes = Math.floor((totalSec % 3600) / 60);
  const seconds = twoDigits(totalSec % 60);
  if (days > 0) return `${days} d ${hours}:${twoDigits(minutes)}:${seconds}`;
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${seconds}` : `${minutes}:${seconds}`;
}

/** A duration in its largest units: `45 s`, `5 min`, `1 h 30 min`, `24 h`, `7 d`. */
export function roughly(ms: number): string {
  const totalSec = Math.round(ms / 1000);
  if (totalSec < 60) return `${totalSec} s`;
  const totalMin = Math.round(totalSec / 60);
  if (totalMin < 60) return `${totalMin} min`;
  const hours = Math.floor(totalMin / 60);
  const minutes = totalMin % 60;
  if (hours >= 48) return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
  return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
}

/** The time of the day in the time zone of the user: `09:41:07`. */
export function timeOfDay(ms: number): string {
  const date = new Date(ms);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
}

export function timeOfDayMs(ms: number): string {
  return `${timeOfDay(ms)}.${String(Math.floor(ms) % 1000).padStart(3, '0')}`;
}

/** `2026-01-31`, in the time zone of the user. */
export function day(ms: number): string {
  const date = new Date(ms);
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

/** The format of `<input type="datetime-local" step="1">`. */
export function inputTime(ms: number): string {
  return `${day(ms)}T${timeOfDay(ms)}`;
}

export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? singular : plural}`;
}

/** What the log says, as a sentence. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** A stream, or a user of a room. */
export function subjectName(subject: StreamSubject | RoomSubject): string {
  return 'appId' in subject
    ? `${subject.appId}/${subject.channelId}/${subject.userId}`
    : `${subject.domain}/${subject.app}/${subject.stream}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
